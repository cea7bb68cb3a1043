package io.consoul.gateway;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Builds objects and lists from JSON text, and gives up before it has built too much: the body limit bounds the bytes, but a
 * megabyte of small objects would become forty. Of what JSON leaves open it takes the strict reading: no name twice in
 * an object, no number that is not finite, no half of a surrogate pair, which could be neither stored nor sent on.
 */
final class JsonTree {

  static final int MAX_DEPTH = 64;

  /** Names, values and brackets; a request for fifty thousand biased tokens still passes. */
  static final int MAX_TOKENS = 200_000;

  /** Digits; what is longer than any number that means something costs time by its square. */
  private static final int MAX_NUMBER = 100;

  private static final int MAX_NAME = 1_024;

  /** So much of a name is said back in an error. */
  private static final int TOLD_OF_A_NAME = 64;

  /** Without interning: names come from outside, and would fill tables that the whole process shares. */
  private static final JsonFactory FACTORY = JsonFactory.builder()
      .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
      .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
      .streamReadConstraints(StreamReadConstraints.builder()
          .maxNestingDepth(MAX_DEPTH)
          .maxTokenCount(MAX_TOKENS)
          .maxNumberLength(MAX_NUMBER)
          .maxNameLength(MAX_NAME)
          .maxStringLength(Integer.MAX_VALUE)
          .build())
      .build();

  private final JsonParser parser;

  private JsonTree(JsonParser parser) {
    this.parser = parser;
  }

  /**
   * The one value that the text consists of.
   *
   * @throws IOException where it is not JSON or too much of it
   * @throws FaultException E003 with the field that cannot be meant
   */
  static Object read(String text) throws IOException {
    try (JsonParser parser = FACTORY.createParser(text)) {
      Object value = new JsonTree(parser).value(parser.nextToken());
      if (parser.nextToken() != null) {
        throw Fault.INVALID_REQUEST_BODY.because("There is more than one JSON value in it.");
      }
      return value;
    }
  }

  private Object value(JsonToken token) throws IOException {
    return switch (token) {
      case START_OBJECT -> object();
      case START_ARRAY -> list();
      case VALUE_STRING -> text();
      case VALUE_NUMBER_INT -> parser.getNumberValue();
      case VALUE_NUMBER_FLOAT -> finite(parser.getDoubleValue());
      case VALUE_TRUE -> Boolean.TRUE;
      case VALUE_FALSE -> Boolean.FALSE;
      default -> null;
    };
  }

  private JsonObject object() throws IOException {
    Map<String, Object> fields = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      if (!isWellFormed(name)) {
        throw Fault.INVALID_REQUEST_BODY.because("A field's name is not well-formed Unicode.");
      }
      if (fields.containsKey(name)) {
        throw wrong("must be given once");
      }
      fields.put(name, value(parser.nextToken()));
    }
    return new JsonObject(fields);
  }

  private JsonArray list() throws IOException {
    List<Object> values = new ArrayList<>();
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      values.add(value(token));
    }
    return new JsonArray(values);
  }

  private String text() throws IOException {
    String text = parser.getText();
    if (!isWellFormed(text)) {
      throw wrong("must be well-formed Unicode");
    }
    return text;
  }

  private Double finite(double number) {
    if (Double.isFinite(number)) {
      return number;
    }
    throw wrong("must be a finite number");
  }

  private FaultException wrong(String reason) {
    return Fault.FIELD_VALIDATION_FAILED.inField(path(parser.getParsingContext()), reason);
  }

  /** Such as {@code messages[2].content}. */
  private static String path(JsonStreamContext context) {
    if (context == null || context.inRoot()) {
      return "";
    }
    String outer = path(context.getParent());
    if (context.inArray()) {
      return outer + "[" + context.getCurrentIndex() + "]";
    }
    return (outer.isEmpty() ? "" : outer + ".") + told(String.valueOf(context.getCurrentName()));
  }

  private static String told(String name) {
    return name.codePointCount(0, name.length()) <= TOLD_OF_A_NAME
        ? name
        : name.substring(0, name.offsetByCodePoints(0, TOLD_OF_A_NAME)) + "…";
  }

  private static boolean isWellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!Character.isSurrogate(text.charAt(i))) {
        continue;
      }
      if (i + 1 == text.length()
          || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
        return false;
      }
      i++;
    }
    return true;
  }
}
