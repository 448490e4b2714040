"""Many stations described in one file."""
