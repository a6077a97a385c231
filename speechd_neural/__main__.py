import sys

from speechd_neural.cli import main

sys.exit(main())
