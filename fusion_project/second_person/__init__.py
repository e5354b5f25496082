"""What two people must want: a request, its confirmation by another, its one execution."""
