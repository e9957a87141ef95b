"""Tests of what other array libraries are turned into, and compact arrays into theirs."""
