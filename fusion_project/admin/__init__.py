"""What every app's admin is made of: unchangeable classes, filters, links to later pages."""
