package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.SessionId;
import io.consoul.message.TurnId;
import io.vertx.core.buffer.Buffer;

/** A name that stands in a path, percent-encoded. */
final class PathSegment {

  private PathSegment() {}

  /**
   * The session id at this place of a path, 0 being the first segment.
   *
   * @throws FaultException E004 where it cannot be one
   */
  static SessionId session(String path, int place) {
    return new SessionId(decoded(segment(path, place)));
  }

  /** @throws FaultException E003 where it is no turn id */
  static TurnId turn(String path, int place) {
    return TurnId.parse(segment(path, place)); // nothing in one has to be encoded
  }

  /**
   * The model that the rest of a path names, from this place on: its slashes may be encoded or not.
   *
   * @throws FaultException E003 where it cannot be decoded
   */
  static String model(String path, int place) {
    try {
      return decoded(path.split("/", place + 2)[place + 1]);
    } catch (FaultException malformed) {
      throw Fault.FIELD_VALIDATION_FAILED.inField(
          "model", "must be percent-encoded UTF-8 in the path");
    }
  }

  private static String segment(String path, int place) {
    return path.split("/", -1)[place + 1];
  }

  /**
   * Percent-decodes strictly: unlike in a form, a plus sign stands for itself, and unlike in the router, what is not
   * UTF-8 stands for nothing.
   */
  private static String decoded(String raw) {
    Buffer bytes = Buffer.buffer(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c != '%') {
        bytes.appendString(String.valueOf(c));
        continue;
      }
      int high = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 1), 16) : -1;
      int low = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 2), 16) : -1;
      if (high < 0 || low < 0) {
        throw notDecodable();
      }
      bytes.appendByte((byte) (high * 16 + low));
      i += 2;
    }
    try {
      return JsonText.utf8(bytes);
    } catch (FaultException malformed) {
      throw notDecodable();
    }
  }

  private static FaultException notDecodable() {
    return Fault.SESSION_ID_INVALID.inField(
        "session_id", "must be percent-encoded UTF-8 in the path");
  }
}
