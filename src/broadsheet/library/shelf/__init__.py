"""What readers keep: collections, saved searches, and their ways in and out."""
