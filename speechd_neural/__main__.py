"""`speechd-neural`: the command line, or one line that says what to type where the half of it is missing."""

import sys


def main() -> int:
    try:
        from speechd_neural.cli import main as run
    except ImportError as error:
        print(f"speechd-neural: {_advice(error)}", file=sys.stderr)
        return 10
    return run()


def _advice(error: ImportError) -> str:
    try:
        from speechd_neural.errors import broken
    except ImportError:
        return f"{error}; it is not whole: install speechd-neural again, as it was installed before"
    return broken(error)


if __name__ == "__main__":
    sys.exit(main())
