"""The commands of the program `weegwijzer`."""
