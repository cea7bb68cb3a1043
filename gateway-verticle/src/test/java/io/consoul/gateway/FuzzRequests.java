package io.consoul.gateway;

import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/** Requests for the operations of openapi.json, as they should be and broken in every way. All of it follows from the seed. */
final class FuzzRequests {

  private static final List<String> SEGMENTS = List.of(
      "s1",
      "x",
      "%00",
      "%ff",
      "%",
      "%zz",
      "%c3%a9",
      "%2F",
      "..",
      "%2e%2e",
      "a%20b",
      "+",
      "%F0%9F%98%80",
      "%ED%A0%80",
      "x".repeat(128),
      "x".repeat(129),
      "%E2%80%AE",
      "a:b",
      "{s}",
      "'",
      "%0d%0a");

  private static final List<String> QUERIES = List.of(
      "",
      "",
      "?",
      "?limit=1",
      "?limit=",
      "?limit=0",
      "?limit=-1",
      "?limit=1001",
      "?limit=1e3",
      "?limit=99999999999999",
      "?limit=1&limit=2",
      "?limit=%31",
      "?limit=%",
      "?cursor=%ff",
      "?cursor=",
      "?cursor=" + "x".repeat(500),
      "?namespace=%00",
      "?namespace=a%2Fb",
      "?namespace=%zz",
      "?a=b&&=&c",
      "?api_key=",
      "?limit",
      "?;;",
      "?namespace=%F0%9F%98%80");

  private static final List<String> HEADERS = List.of(
      "",
      "",
      "",
      "X-Request-ID: abc\r\n",
      "X-Request-ID: \t\r\n",
      "Idempotency-Key: \r\n",
      "Idempotency-Key: " + "k".repeat(256) + "\r\n",
      "Idempotency-Key: a\r\nIdempotency-Key: b\r\n",
      "Last-Event-ID: x\r\n",
      "Last-Event-ID: :1\r\n",
      "Last-Event-ID: x:99999999999\r\n",
      "Last-Event-ID: " + ObligingSession.TURN.value() + ":1\r\n",
      "Last-Event-ID: " + ObligingSession.TURN.value() + ":-1\r\n",
      "Accept: text/html\r\n",
      "Accept-Encoding: gzip\r\n",
      "Content-Encoding: gzip\r\n",
      "If-None-Match: \"x\"\r\n",
      "Expect: 100-continue\r\n",
      "X-Filler: " + "f".repeat(3_000) + "\r\n",
      "Range: bytes=0-1\r\n");

  private static final List<String> TYPES = List.of(
      "text/plain",
      "application/json; charset=latin1",
      "application/jsonx",
      "",
      "multipart/form-data",
      "application/json; charset=utf-8",
      "APPLICATION/JSON",
      "application/x-www-form-urlencoded");

  private static final List<String> METHODS =
      List.of("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "PROPFIND");

  /**
   * One of them.
   *
   * @param valid whether the schema takes its body; null where that does not decide
   */
  record Request(String method, String path, byte[] head, byte[] body, Boolean valid) {

    /** The parser and the schema must agree, and a refusal must name the field. */
    String verdict(FuzzConnection.Answer answer) {
      if (valid == null) {
        return "";
      }
      boolean taken = answer.status() < 300;
      if (taken && !valid) {
        return "the schema refuses it, but the gateway took it: " + answer.body();
      }
      if (!taken && (valid || !namesField(answer.body()))) {
        return (valid ? "the schema takes it, but: " : "no field is named: ") + answer.body();
      }
      return "";
    }

    private static boolean namesField(String body) {
      if (new JsonObject(body).getValue("error") instanceof JsonObject error) {
        return error.getString("param") != null;
      }
      Object details = new JsonObject(body).getValue("details");
      return details instanceof JsonArray list ? !list.isEmpty() : details instanceof JsonObject;
    }

    String text() {
      String text = new String(head, StandardCharsets.ISO_8859_1)
          + new String(body, StandardCharsets.ISO_8859_1);
      return text.length() <= 3_000 ? text : text.substring(0, 3_000) + "…";
    }
  }

  private final Random random;
  private final OpenApi api;
  private final ValidBodies valid;
  private final BrokenBodies broken;
  private final List<String> operations;

  FuzzRequests(Random random, OpenApi api) {
    this.random = random;
    this.api = api;
    this.valid = new ValidBodies(random);
    this.broken = new BrokenBodies(random);
    this.operations = api.operations().stream().sorted().toList();
  }

  Request next() {
    String operation = one(operations);
    JsonObject schema = api.requestSchema(operation);
    while (schema == null && random.nextInt(4) > 0) {
      operation = one(operations);
      schema = api.requestSchema(operation);
    }
    return schema == null ? withoutBody(operation) : withBody(operation, schema);
  }

  private Request withoutBody(String operation) {
    String[] parts = operation.split(" ");
    String method = random.nextInt(10) == 0 ? one(METHODS) : parts[0];
    String path = path(parts[1]) + one(QUERIES);
    return new Request(method, path, head(method, path, ""), new byte[0], null);
  }

  private Request withBody(String operation, JsonObject schema) {
    String[] parts = operation.split(" ");
    Object json = valid.valueOf(schema);
    return switch (random.nextInt(8)) {
      case 0 -> plain(parts[0], parts[1].replace("{session_id}", "s1"), schema, json);
      case 1, 2, 3 ->
        plain(parts[0], parts[1].replace("{session_id}", "s1"), schema, broken.withOddValue(json));
      case 4, 5 -> odd(parts, broken.withRawValue(json).getBytes(StandardCharsets.UTF_8));
      case 6 -> odd(parts, broken.withDamagedBytes(json));
      default -> oddly(parts, BrokenBodies.encoded(json).getBytes(StandardCharsets.UTF_8));
    };
  }

  /** Whole JSON, well sent: whether it is taken is up to the schema. */
  private Request plain(String method, String path, JsonObject schema, Object json) {
    byte[] body = BrokenBodies.encoded(json).getBytes(StandardCharsets.UTF_8);
    Object read = Json.decodeValue(new String(body, StandardCharsets.UTF_8));
    boolean takes =
        read instanceof JsonObject && api.schemas().complaint(schema, read).isEmpty();
    boolean decided = read instanceof JsonObject object
        && !object.containsKey("turn_id")
        && !(takes
            && path.startsWith("/v1/")); // what is passed on has more rules than a schema tells
    return new Request(
        method, path, head(method, path, jsonHeaders(body.length)), body, decided ? takes : null);
  }

  private Request odd(String[] operation, byte[] body) {
    String path = operation[1].replace("{session_id}", "s1");
    return new Request(
        operation[0], path, head(operation[0], path, jsonHeaders(body.length)), body, null);
  }

  /** A body that may be well, sent in an odd way. */
  private Request oddly(String[] operation, byte[] body) {
    String method = random.nextInt(4) == 0 ? one(METHODS) : operation[0];
    String path = path(operation[1]) + (random.nextInt(4) == 0 ? one(QUERIES) : "");
    String type = random.nextInt(2) == 0 ? "application/json" : one(TYPES);
    String headers = one(HEADERS) + (type.isEmpty() ? "" : "Content-Type: " + type + "\r\n");
    return random.nextBoolean()
        ? new Request(
            method,
            path,
            head(method, path, headers + "Transfer-Encoding: chunked\r\n"),
            chunked(body),
            null)
        : new Request(
            method,
            path,
            head(method, path, headers + "Content-Length: " + body.length + "\r\n"),
            body,
            null);
  }

  private String path(String template) {
    return random.nextInt(12) == 0
        ? template.replaceAll("\\{[a-z_]+}", "s1") + "/" + one(SEGMENTS)
        : template
            .replace("{model}", random.nextBoolean() ? "m1" : one(SEGMENTS))
            .replace(
                "{turn_id}", random.nextBoolean() ? ObligingSession.TURN.value() : one(SEGMENTS))
            .replace("{session_id}", one(SEGMENTS));
  }

  private static String jsonHeaders(int length) {
    return "Content-Type: application/json\r\nContent-Length: " + length + "\r\n";
  }

  private static byte[] head(String method, String path, String headers) {
    return (method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n")
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private byte[] chunked(byte[] body) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int from = 0; from < body.length; ) {
      int size = Math.min(body.length - from, 1 + random.nextInt(1_000));
      out.writeBytes((Integer.toHexString(size) + "\r\n").getBytes(StandardCharsets.US_ASCII));
      out.write(body, from, size);
      out.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
      from += size;
    }
    out.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    return out.toByteArray();
  }

  private <T> T one(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
