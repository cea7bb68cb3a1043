package io.consoul.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What Linux tells of a process. */
final class Machine {

  /** Of /proc/PID/stat, counted from behind the command's name. */
  private static final int USER_TICKS = 11;

  private static final int MICROS_PER_TICK = 10_000;

  private Machine() {}

  /** User and system time that it has used since it was started; in ticks of 10 ms. */
  static long cpuMicros(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return MICROS_PER_TICK
          * (Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[USER_TICKS + 1]));
    } catch (IOException gone) {
      throw new IllegalStateException("process " + pid + " is gone", gone);
    }
  }
}
