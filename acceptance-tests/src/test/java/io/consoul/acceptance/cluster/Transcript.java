package io.consoul.acceptance.cluster;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One answer as a client keeps it, and what happened to it on the way: when it grew, how much of it was taken back, and what its
 * reader had to see. Written by the client's thread and read by the test's.
 */
final class Transcript {

  /** The text had this length for the first time. */
  private record Growth(long nanos, int length) {}

  private final StringBuilder text = new StringBuilder();
  private final List<Growth> growths = new ArrayList<>();
  private final List<String> gaps = new ArrayList<>();
  private final List<String> refusals = new ArrayList<>();
  private final List<String> errors = new ArrayList<>();
  private final List<String> breaks = new ArrayList<>();
  private int cutBack;
  private int cutTo = Integer.MAX_VALUE;
  private String turnId;
  private JsonObject done;
  private String failure;

  /** The turn that it is the answer of. */
  synchronized void turn(String id) {
    turnId = id;
  }

  /** Null while it is not known. */
  synchronized String turn() {
    return turnId;
  }

  /** Takes the data of a token. */
  synchronized void token(JsonObject data) {
    int offset = data.getInteger("offset");
    if (offset > text.length()) {
      gaps.add("offset " + offset + " after " + text.length());
      return;
    }
    if (offset < text.length()) {
      cutBack = Math.max(cutBack, text.length() - offset);
      cutTo = Math.min(cutTo, offset);
    }
    text.setLength(offset);
    text.append(data.getString("text"));
    if (growths.isEmpty() || text.length() > growths.get(growths.size() - 1).length()) {
      growths.add(new Growth(System.nanoTime(), text.length()));
    }
  }

  /** Takes a whole answer. */
  synchronized void whole(JsonObject answer) {
    text.append(answer.getString("response"));
    done = answer;
  }

  synchronized void done(JsonObject data) {
    done = data;
  }

  /** An error of the turn was shown. */
  synchronized void error(String code) {
    errors.add(code);
  }

  /** A request was answered with a status or not at all. */
  synchronized void refused(String how) {
    refusals.add(how);
  }

  /** A connection on which the turn had begun is gone. */
  synchronized void broken(String how) {
    breaks.add(how);
  }

  /** There is no use in going on. */
  synchronized void failed(String why) {
    failure = why;
  }

  synchronized boolean isOver() {
    return done != null || failure != null;
  }

  synchronized int length() {
    return text.length();
  }

  synchronized String text() {
    return text.toString();
  }

  synchronized JsonObject done() {
    return done;
  }

  /** Why it was given up, or null. */
  synchronized String failure() {
    return failure;
  }

  synchronized List<String> gaps() {
    return List.copyOf(gaps);
  }

  synchronized List<String> refusals() {
    return List.copyOf(refusals);
  }

  synchronized List<String> errors() {
    return List.copyOf(errors);
  }

  synchronized List<String> breaks() {
    return List.copyOf(breaks);
  }

  /** The most characters that were taken back at a time. */
  synchronized int cutBack() {
    return cutBack;
  }

  /** The shortest length that it was taken back to; the greatest number where it never was. */
  synchronized int cutTo() {
    return cutTo;
  }

  /**
   * The longest time without anything new in which this moment lies, or that began within a second of it: what a reader sees of a
   * fault. Where nothing has come since, it lasts until now; zero where the answer was complete before, or had not begun.
   */
  synchronized Duration pauseAt(long nanos) {
    long soon = nanos + Duration.ofSeconds(1).toNanos();
    long longest = 0;
    for (int i = 0; i < growths.size(); i++) {
      long begin = growths.get(i).nanos();
      long end = endOf(i);
      if (end > nanos && begin < soon) {
        longest = Math.max(longest, end - begin);
      }
    }
    return Duration.ofNanos(longest);
  }

  /** When the text grew again; of a complete one it is the same moment. */
  private long endOf(int growth) {
    if (growth + 1 < growths.size()) {
      return growths.get(growth + 1).nanos();
    }
    return done == null ? System.nanoTime() : growths.get(growth).nanos();
  }

  @Override
  public synchronized String toString() {
    return text.length() + " characters, " + (done == null ? "not done" : "done") + ", gaps " + gaps
        + ", refusals " + refusals + ", errors " + errors + ", breaks " + breaks + ", cut back by "
        + cutBack + (failure == null ? "" : ", " + failure);
  }
}
