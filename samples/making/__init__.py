"""What makes the sample exports; run `make_samples.py` beside this folder."""
