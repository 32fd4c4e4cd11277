# For tests/unit/qmt/quotes.test.ts: reads a JSON list of cases from stdin, lets quotes.py turn the
# client's dicts into frames and rows, and prints a JSON list of answers.
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '../../../gateways/qmt/bridge/source'))
import quotes  # noqa: E402
import quotes_xtquant  # noqa: E402


def answer(case):
    if case['ask'] == 'detail':
        return quotes.detail_row(case['symbol'], case['detail'], case['tick'])
    if case['ask'] == 'trading':
        return [quotes_xtquant.is_trading_time(at) for at in case['seconds']]
    frame = quotes.quote_frame(case['tick'], case['tickE4'], case['day'])
    return None if frame is None else frame.pack().hex()


print(json.dumps([answer(case) for case in json.load(sys.stdin)]))
