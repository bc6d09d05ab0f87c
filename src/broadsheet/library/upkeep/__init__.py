"""What whoever runs a library looks at and does: its state, switches, encoders, copies."""
