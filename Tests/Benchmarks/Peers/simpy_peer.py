"""SimPy: callbacks of timeouts, generator processes, and stores, with integers as its time."""

import math
import sys
import time

import simpy

GAPS = 65536
gaps = [round(-1e6 * math.log((i * 40503 % GAPS + 0.5) / GAPS)) for i in range(GAPS)]
position = 0


def next_gap():
    global position
    gap = gaps[position]
    position = (position + 1) % GAPS
    return gap


class Finished(Exception):
    pass


class Measurement:
    def __init__(self, warm_up, events):
        self.first, self.last = warm_up, warm_up + events
        self.count = self.checksum = self.began = self.ended = 0

    def note(self, now):
        if self.count == self.first:
            self.began = time.process_time_ns()
        self.checksum += now
        self.count += 1
        if self.count == self.last:
            self.ended = time.process_time_ns()
            raise Finished

    def report(self):
        print(self.last - self.first, self.ended - self.began, self.checksum % 2**64)


def callbacks(env, count, m):
    def fire(_):
        m.note(env.now)
        env.timeout(next_gap()).callbacks.append(fire)

    for _ in range(count):
        env.timeout(next_gap()).callbacks.append(fire)


def tasks(env, count, m):
    def hold():
        while True:
            yield env.timeout(next_gap())
            m.note(env.now)

    for _ in range(count):
        env.process(hold())


def messages(env, count, m):
    boxes = [simpy.Store(env) for _ in range(count)]

    def send(box):
        env.timeout(next_gap()).callbacks.append(lambda _: deliver(box))

    def deliver(box):
        m.note(env.now)
        box.put(1)

    def answer(mine, partner):
        while True:
            yield mine.get()
            send(partner)

    for i in range(count):
        env.process(answer(boxes[i], boxes[i ^ 1]))
    for i in range(0, count, 2):
        send(boxes[i])


def main():
    kind, count, warm_up, events = sys.argv[1], *map(int, sys.argv[2:5])
    env, m = simpy.Environment(), Measurement(warm_up, events)
    {"events": callbacks, "tasks": tasks, "messages": messages}[kind](env, count, m)
    try:
        env.run()
    except Finished:
        m.report()


main()
