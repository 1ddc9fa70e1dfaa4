/**
 * Two hosts train as one process does, and end when one of them dies.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { assertRefused, task, taskTest } from "../task.ts";

taskTest(
  "scaletest: two hosts find one's losses, and name the one that dies; or it says why it cannot be tried",
  () => {
    const { code, stdout, stderr } = task("scaletest", "--short");
    assertEquals([code, stderr], [0, ""]);
    assertMatch(
      stdout,
      /^note: not tried: .*\n$|\nlosses: .* agree .*\na process dies: named .* goes on from step \d+ /,
    );
    assertRefused(task("scaletest", "--loss", "30"), 2, "--loss");
  },
);
