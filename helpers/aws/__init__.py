"""Everything that talks to AWS, which is moto here: a server on this machine's loopback.

`server` starts and stops it, `guard` makes the only clients there are, and `account` is what an
experiment works with: `aws = await bench.aws()`. All calls block; boto3's parts are imported inside
functions only, because they take a third of a second.
"""
