"""What readers like: profiles, the models learnt from marks, and the lists made with them."""
