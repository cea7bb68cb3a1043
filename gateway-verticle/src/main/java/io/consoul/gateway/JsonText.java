package io.consoul.gateway;

import com.fasterxml.jackson.core.JacksonException;
import io.consoul.fault.Fault;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Reads JSON from outside: well-formed UTF-8, nested moderately, an object. */
final class JsonText {

  static final int MAX_DEPTH = 64;

  private JsonText() {}

  /** @throws io.consoul.fault.FaultException E001, with where it is wrong but nothing of what it says */
  static JsonObject object(Buffer bytes) {
    return object(utf8(bytes));
  }

  /** As above; the text is what {@link #utf8} gave. */
  static JsonObject object(String text) {
    if (text.isBlank()) {
      throw Fault.INVALID_REQUEST_BODY.because("There is no JSON in it: an object is expected.");
    }
    if (depth(text) > MAX_DEPTH) {
      throw Fault.INVALID_REQUEST_BODY.because(
          "The JSON is nested more than " + MAX_DEPTH + " levels deep.");
    }
    try {
      if (Json.decodeValue(text) instanceof JsonObject object) {
        return object;
      }
    } catch (DecodeException malformed) {
      throw Fault.INVALID_REQUEST_BODY.because("This is not valid JSON" + place(malformed) + ".");
    }
    throw Fault.INVALID_REQUEST_BODY.because("A JSON object is expected.");
  }

  /** @throws io.consoul.fault.FaultException E001 when the bytes are not UTF-8 */
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

  /** Deepest nesting, found without recursion and before anything is built from it. */
  private static int depth(String text) {
    int depth = 0;
    int deepest = 0;
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted) {
        if (c == '\\') {
          i++;
        } else if (c == '"') {
          quoted = false;
        }
      } else if (c == '"') {
        quoted = true;
      } else if (c == '{' || c == '[') {
        deepest = Math.max(deepest, ++depth);
      } else if (c == '}' || c == ']') {
        depth--;
      }
    }
    return deepest;
  }

  private static String place(DecodeException malformed) {
    return malformed.getCause() instanceof JacksonException cause && cause.getLocation() != null
        ? " at line " + cause.getLocation().getLineNr() + ", column "
            + cause.getLocation().getColumnNr()
        : "";
  }
}
