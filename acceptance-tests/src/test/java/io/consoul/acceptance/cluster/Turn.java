package io.consoul.acceptance.cluster;

import io.consoul.testkit.Script;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** One question to a model that repeats it, and what its asker got. The answer to a question is always the same. */
final class Turn {

  private static final Script MODEL = Script.echo();

  private final String session;
  private final String message;
  private final Transcript transcript = new Transcript();

  /**
   * @param name that no other turn of the test has
   * @param words how long the answer is
   */
  Turn(String session, String name, int words) {
    this(
        session,
        name
            + IntStream.range(0, words)
                .mapToObj(word -> " w" + word)
                .collect(Collectors.joining()));
  }

  private Turn(String session, String message) {
    this.session = session;
    this.message = message;
  }

  /** For another one who wants to hear the same answer: its turn has begun. */
  Turn followed() {
    Turn followed = new Turn(session, message);
    followed.transcript.turn(transcript.turn());
    return followed;
  }

  String session() {
    return session;
  }

  String message() {
    return message;
  }

  /** The same turn on every attempt to ask it. */
  String key() {
    return "key of " + message.substring(0, Math.min(message.length(), 60));
  }

  /** What it has to end with. */
  String answer() {
    return MODEL.says(message);
  }

  Transcript transcript() {
    return transcript;
  }

  @Override
  public String toString() {
    return message.substring(0, Math.min(message.length(), 16)) + "… in " + session + ": "
        + transcript;
  }
}
