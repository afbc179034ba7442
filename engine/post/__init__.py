"""The public postal service: papers taken in, results sent, money paid out at home."""
