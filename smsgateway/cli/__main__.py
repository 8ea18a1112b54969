import sys

from smsgateway.cli import main

sys.exit(main())
