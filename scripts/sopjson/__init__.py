"""Writes programs of Tracr's RASP as .sop.json, the format that raspc reads."""
