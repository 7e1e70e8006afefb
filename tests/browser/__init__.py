"""Tests that drive a real Chromium; a package, so that its files may share names with others."""
