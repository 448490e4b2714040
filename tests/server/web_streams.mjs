// Plays courses of wishes and messages to the page's OwnStreams, one a line of JSON:
// { slots, steps }. Answers with what each stream has after every step.

import { createInterface } from "node:readline";

const { OwnStreams } = await import(process.argv[2]);

for await (const line of createInterface({ input: process.stdin })) {
  const { slots, steps } = JSON.parse(line);
  const own = new OwnStreams(slots, () => undefined);
  const seen = [];
  for (const { step, stream, slot, played } of steps) {
    if (step === "play") own.play(stream);
    else if (step === "accept") own.plays.get(stream).accepted = true;
    else if (step === "stop") own.stop(stream);
    else if (step === "bind") own.bind(slot, stream);
    else if (step === "resume") own.resume([], played);
    seen.push(Object.fromEntries([...own.plays.values()].map((play) => [play.streamId, [play.slot, play.accepted]])));
  }
  console.log(JSON.stringify(seen));
}
