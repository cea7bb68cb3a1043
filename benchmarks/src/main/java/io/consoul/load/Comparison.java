package io.consoul.load;

import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * Runs several subjects in turn, several times, so that what else the machine does hits all of them; and prints what they came to: the
 * median of the runs, the least and most, and the ratio to the first subject.
 */
final class Comparison {

  private final Context context;
  private final Load.Options options;

  Comparison(Context context, Load.Options options) {
    this.context = context;
    this.options = options;
  }

  void run(String title, String other, List<Subject> subjects) {
    Map<Subject, List<Figures>> all = new LinkedHashMap<>();
    for (Subject subject : subjects) {
      warmUp(subject);
      all.put(subject, new ArrayList<>());
    }
    for (int run = 0; run < options.runs; run++) {
      for (Subject subject : subjects) {
        all.get(subject).add(drive(subject, options.seconds));
      }
    }
    print(title, other, all);
  }

  /** Counted in operations: on a busy machine a time says little of how much of the code has been compiled. */
  private void warmUp(Subject subject) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(options.warmUpSeconds);
    long done = 0;
    while (done < options.warmUp && System.nanoTime() < end) {
      done += drive(subject, 1).done();
    }
  }

  private Figures drive(Subject subject, double seconds) {
    return Drive.run(context, subject.call(), options, seconds, subject.cpu(), subject.otherCpu());
  }

  private void print(String title, String other, Map<Subject, List<Figures>> all) {
    System.out.printf(
        "%n%s (%d clients%s, %d runs of %.0f s each, in turn; median [least–most])%n",
        title,
        options.clients,
        options.rate > 0 ? ", " + options.rate + " operations a second" : ", closed loop",
        options.runs,
        options.seconds);
    System.out.printf(
        "%-34s %20s %6s %26s %6s %16s %9s %9s %7s  %s%n",
        "",
        "operations/s",
        "ratio",
        "CPU us/operation",
        "ratio",
        other,
        "p50 ms",
        "p99 ms",
        "failed",
        "");
    List<Figures> first = all.values().iterator().next();
    all.forEach((subject, runs) -> System.out.printf(
        "%-34s %20s %6.2f %26s %6.2f %16s %9.2f %9.2f %7d  %s%n",
        subject.name(),
        spread(runs, Figures::perSecond, "%.0f"),
        median(runs, Figures::perSecond) / median(first, Figures::perSecond),
        spread(runs, Figures::cpuEach, "%.0f"),
        median(runs, Figures::cpuEach) / median(first, Figures::cpuEach),
        spread(runs, Figures::otherCpuEach, "%.0f"),
        median(runs, run -> run.millisAt(50)),
        median(runs, run -> run.millisAt(99)),
        runs.stream().mapToLong(Figures::failed).sum(),
        subject.remark().get()));
  }

  private static String spread(
      List<Figures> runs, ToDoubleFunction<Figures> figure, String format) {
    return String.format(
        format + " [" + format + "–" + format + "]",
        median(runs, figure),
        runs.stream().mapToDouble(figure).min().orElse(0),
        runs.stream().mapToDouble(figure).max().orElse(0));
  }

  private static double median(List<Figures> runs, ToDoubleFunction<Figures> figure) {
    List<Double> sorted = runs.stream()
        .map(figure::applyAsDouble)
        .sorted(Comparator.naturalOrder())
        .toList();
    return sorted.get(sorted.size() / 2);
  }
}
