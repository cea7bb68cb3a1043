package io.consoul.provider.wire;

import io.consoul.message.Aside;
import io.consoul.message.FinishReason;
import io.consoul.message.Usage;
import io.consoul.provider.UpstreamFailure;
import java.util.ArrayList;
import java.util.List;

/**
 * What a stream has said, whatever its format. Readers write it, and a call takes from it what is new after every read. An answer
 * counts as whole once its reason to end was seen.
 */
public final class Reading {

  /** Longer than any model's name. */
  private static final int LONGEST_MODEL = 256;

  private final Failures failures;
  private final StringBuilder text = new StringBuilder();
  private final List<Aside> asides = new ArrayList<>();
  private boolean spoke;
  private boolean done;
  private FinishReason finishReason;
  private Usage usage;
  private String model;
  private UpstreamFailure failure;
  private int malformed;

  public Reading(Failures failures) {
    this.failures = failures;
  }

  public void say(String piece) {
    if (!piece.isEmpty()) {
      text.append(piece);
      spoke = true;
    }
  }

  public void think(String piece) {
    if (!piece.isEmpty()) {
      asides.add(new Aside.Reasoning(piece));
    }
  }

  public void call(Aside.ToolCall piece) {
    asides.add(piece);
    spoke = true;
  }

  public void finish(FinishReason reason) {
    finishReason = reason;
  }

  /** The latest one counts; its cost is not known here. */
  public void use(Usage told) {
    usage = told;
  }

  /** Which model the answer says it is of: the first word counts, most servers repeat it in every chunk. */
  public void answeredBy(Object name) {
    if (model == null
        && name instanceof String word
        && !word.isEmpty()
        && word.length() <= LONGEST_MODEL) {
      model = word;
    }
  }

  /** The first failure counts. */
  public void fail(UpstreamFailure reported) {
    if (failure == null) {
      failure = reported;
    }
  }

  /** A chunk that could not be read was passed over. */
  public void skip() {
    malformed++;
  }

  /** The server has said that nothing more comes. */
  public void done() {
    done = true;
  }

  /** What was said since the last call. */
  public String takeText() {
    String taken = text.toString();
    text.setLength(0);
    return taken;
  }

  /** What was thought, and asked of tools, since the last call. */
  public List<Aside> takeAsides() {
    if (asides.isEmpty()) {
      return List.of();
    }
    List<Aside> taken = List.copyOf(asides);
    asides.clear();
    return taken;
  }

  public boolean isDone() {
    return done;
  }

  /** Whether the answer is whole, even if the rest of the stream should be missing. */
  public boolean isFinished() {
    return finishReason != null;
  }

  /** What the server says went wrong, or null. */
  public UpstreamFailure failure() {
    return failure;
  }

  /** Why the stream as it was read is no answer, or null. To be asked when nothing more comes. */
  public UpstreamFailure shortcoming() {
    if (failure != null) {
      return failure;
    }
    if (finishReason == null) {
      return failures.endedEarly();
    }
    if (finishReason == FinishReason.CONTENT_FILTER && !spoke) {
      return failures.filtered();
    }
    return null;
  }

  public FinishReason finishReason() {
    return finishReason;
  }

  /** Null when the server did not tell. */
  public Usage usage() {
    return usage;
  }

  /** Null when the server did not tell. */
  public String model() {
    return model;
  }

  /** How many chunks were passed over. */
  public int malformed() {
    return malformed;
  }

  /** Whether whatever else comes does not matter any more. */
  public boolean isSettled() {
    return done || failure != null;
  }
}
