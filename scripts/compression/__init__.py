"""Streams of exported models in fewer columns, by a learned linear map."""
