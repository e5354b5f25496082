"""The folder of a run, its options, and the frame of its processes beside the app."""
