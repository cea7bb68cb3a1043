package io.consoul.launcher;

import java.io.PrintWriter;
import java.util.Collection;
import java.util.List;

/** Tells the user what is wrong with the configuration, all at once, and what is odd. */
final class Findings {

  /** @return whether the configuration can be used */
  static boolean print(Options.Read read, PrintWriter err) {
    return print(read.report().problems(), read.overrides().warnings(), err);
  }

  static boolean print(List<String> problems, Collection<String> warnings, PrintWriter err) {
    warnings.forEach(warning -> err.println("warning: " + warning));
    if (!problems.isEmpty()) {
      err.println("The configuration has "
          + (problems.size() == 1 ? "a problem:" : problems.size() + " problems:"));
      problems.forEach(problem -> err.println(" - " + problem));
    }
    err.flush();
    return problems.isEmpty();
  }

  private Findings() {}
}
