"""What readers say to each other, and what of it is for whom."""
