package io.consoul.provider.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.consoul.provider.UpstreamFailure.Cause;

/**
 * A stream as a provider sends it, and what it comes to.
 *
 * @param stream its lines end with LF
 * @param says the text of the answer, as far as it goes
 * @param fails why it is no whole answer, or null
 */
public record Recording(String name, String stream, String says, Cause fails) {

  /** One that is a whole answer. */
  public static Recording whole(String name, String stream, String says) {
    return new Recording(name, stream, says, null);
  }

  public static Recording failing(String name, String stream, String says, Cause cause) {
    return new Recording(name, stream, says, cause);
  }

  public byte[] bytes() {
    return stream.getBytes(UTF_8);
  }

  /** The same answer with CRLF at the end of its lines. */
  public Recording withCrLf() {
    return dressed("CRLF", stream.replace("\n", "\r\n"));
  }

  /** The same answer with CR at the end of its lines, as server-sent events allow. */
  public Recording withCr() {
    return dressed("CR", stream.replace("\n", "\r"));
  }

  /** The same answer with comments between all events, and in front of the first. */
  public Recording withComments() {
    return dressed("comments", ": hello\n\n" + stream.replace("\n\n", "\n\n: ping\n\n:\n"));
  }

  /** The same answer with a byte order mark in front. */
  public Recording withByteOrderMark() {
    return dressed("byte order mark", "\uFEFF" + stream);
  }

  private Recording dressed(String as, String bytes) {
    return new Recording(name + ", " + as, bytes, says, fails);
  }

  @Override
  public String toString() {
    return name;
  }
}
