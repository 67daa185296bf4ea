#!/usr/bin/python3 -ES
"""burn: use CPU or memory in an amount that you choose, and read what the kernel made of it.

This file only picks which: `burn stat` runs inside the container that it measures, on the few
milliseconds of CPU that the limit leaves it, so it imports nothing that it does not need.
"""

import sys

if __name__ == "__main__":
    if sys.argv[1:2] == ["stat"]:
        from cgroup import main
    else:
        from busy import main
    sys.exit(main())
