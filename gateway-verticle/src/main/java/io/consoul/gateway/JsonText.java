package io.consoul.gateway;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Reads JSON from outside: well-formed UTF-8, one object, within the bounds of {@link JsonTree}. */
final class JsonText {

  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private JsonText() {}

  /**
   * @throws FaultException E001, with where it is wrong but nothing of what it says; E003 with the field, where it is JSON
   *     that cannot be meant
   */
  static JsonObject object(Buffer bytes) {
    return object(utf8(bytes));
  }

  /** As above; the text is what {@link #utf8} gave. */
  static JsonObject object(String given) {
    String text = withoutMark(given);
    if (text.isBlank()) {
      throw Fault.INVALID_REQUEST_BODY.because("There is no JSON in it: an object is expected.");
    }
    try {
      if (JsonTree.read(text) instanceof JsonObject object) {
        return object;
      }
    } catch (StreamConstraintsException tooMuch) {
      throw Fault.INVALID_REQUEST_BODY.because(
          "The JSON is nested more than " + JsonTree.MAX_DEPTH + " levels deep, has more than "
              + JsonTree.MAX_TOKENS
              + " names, values and brackets, or a number or name that is too long"
              + place(tooMuch) + ".");
    } catch (JacksonException malformed) {
      throw Fault.INVALID_REQUEST_BODY.because("This is not valid JSON" + place(malformed) + ".");
    } catch (IOException impossible) {
      throw new IllegalStateException("text in memory cannot fail to be read", impossible);
    }
    throw Fault.INVALID_REQUEST_BODY.because("A JSON object is expected.");
  }

  /** @throws FaultException E001 when the bytes are not UTF-8 */
  static String utf8(Buffer bytes) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.getBytes()))
          .toString();
    } catch (CharacterCodingException malformed) {
      throw Fault.INVALID_REQUEST_BODY.because("This is not valid UTF-8.");
    }
  }

  /** Some editors and shells put one before everything. */
  private static String withoutMark(String text) {
    return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
  }

  private static String place(JacksonException malformed) {
    return malformed.getLocation() == null
        ? ""
        : " at line " + malformed.getLocation().getLineNr() + ", column "
            + malformed.getLocation().getColumnNr();
  }
}
