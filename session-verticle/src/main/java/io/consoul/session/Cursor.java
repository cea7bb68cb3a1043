package io.consoul.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.consoul.fault.Fault;
import java.util.Base64;
import java.util.Objects;
import java.util.function.Function;

/** Where the next page begins, in a form that clients give back and do not read. */
final class Cursor {

  private static final String MESSAGE = "m";
  private static final String SESSION = "s";

  private Cursor() {}

  /** @param next position of the first message of the next page */
  static String ofMessage(int next) {
    return encoded(MESSAGE + next);
  }

  /** @param last of the sessions of the page before */
  static String ofSession(ListPosition last) {
    return encoded(SESSION + last.created() + ":" + last.id());
  }

  /**
   * @return 0 where there is no cursor
   * @throws io.consoul.fault.FaultException E003 when it was not made by {@link #ofMessage}
   */
  static int message(String cursor) {
    return cursor == null
        ? 0
        : read(cursor, MESSAGE, position -> {
          int next = Integer.parseInt(position);
          return Objects.checkIndex(next, Integer.MAX_VALUE);
        });
  }

  /**
   * @return null where there is no cursor
   * @throws io.consoul.fault.FaultException E003 when it was not made by {@link #ofSession}
   */
  static ListPosition session(String cursor) {
    return cursor == null
        ? null
        : read(cursor, SESSION, position -> {
          int colon = position.indexOf(':');
          return new ListPosition(
              Long.parseLong(position.substring(0, colon)), position.substring(colon + 1));
        });
  }

  private static String encoded(String position) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(position.getBytes(UTF_8));
  }

  private static <T> T read(String cursor, String kind, Function<String, T> parser) {
    try {
      String position = new String(Base64.getUrlDecoder().decode(cursor), UTF_8);
      if (position.startsWith(kind)) {
        return parser.apply(position.substring(kind.length()));
      }
    } catch (RuntimeException malformed) {
      // falls through to the one answer for every cursor that is not ours
    }
    throw Fault.FIELD_VALIDATION_FAILED.inField(
        "cursor", "is not one of this list; leave it out to begin with the first page");
  }
}
