"""Code that several components need and none of them owns."""
