"""`make run`: what is started, in which order, watched and stopped."""
