"""What operations hold at their peak, measured as resident bytes of a process."""
