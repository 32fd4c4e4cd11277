"""An emulator of the full terminal's strategy environment, written from public facts only."""
