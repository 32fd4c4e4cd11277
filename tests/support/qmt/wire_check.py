# For tests/unit/qmt: reads a JSON list of cases from stdin, does to each what it asks with the
# generated wire.py, and prints a JSON list of answers.
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '../../../gateways/qmt/bridge/source'))
import desk  # noqa: E402
import journal  # noqa: E402
import way  # noqa: E402
import wire  # noqa: E402


def answer(case):
    if case['ask'] == 'verify':
        data = bytes.fromhex(case['hex'])
        return wire.verify_frame(data, 0, len(data))
    if case['ask'] == 'id':
        a, b, c = case['words']
        text = desk.format_id(a, b, c)
        return {'text': text, 'words': desk.parse_id(text), 'check': journal.check_word(a, b, c)}
    if case['ask'] == 'parse-id':
        return desk.parse_id(case['text'])
    if case['ask'] == 'number':
        return way.number_of(case['text'])
    frame_class = getattr(wire, case['name'])
    read = frame_class.read(bytes.fromhex(case['hex']))
    made = frame_class()
    for name, value in case['values'].items():
        setattr(made, name, value)
    values = dict((name, getattr(read, name)) for name in frame_class.__slots__)
    return {'values': values, 'again': read.pack().hex(), 'made': made.pack().hex()}


json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
