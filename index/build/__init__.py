"""Builds: made beside the published one, checked, and published in one rename. Read `build` first."""
