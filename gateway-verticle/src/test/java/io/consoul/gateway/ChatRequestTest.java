package io.consoul.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.consoul.fault.FaultException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A chat request")
class ChatRequestTest {

  private static ChatRequest parse(Buffer body) {
    return parse(body, FieldLimits.USUAL);
  }

  private static ChatRequest parse(Buffer body, FieldLimits limits) {
    return ChatRequest.parse(Fields.of(JsonText.object(body), limits));
  }

  private static JsonObject chat() {
    return new JsonObject().put("session_id", "s1").put("message", "hi");
  }

  @Test
  @DisplayName("has a session, a message and perhaps a model; other fields are passed over")
  void wellFormed() {
    assertThat(parse(chat().put("other", new JsonObject()).toBuffer())).satisfies(request -> {
      assertThat(request.session().value()).isEqualTo("s1");
      assertThat(request.message()).isEqualTo("hi");
      assertThat(request.model()).isNull();
    });
    assertThat(parse(chat().put("model", "m1").toBuffer()).model()).isEqualTo("m1");
    assertThat(parse(chat().putNull("model").toBuffer()).model()).isNull();
  }

  @Test
  @DisplayName("counts characters, not UTF-16 code units")
  void codePoints() {
    String longest = "😀".repeat(32_768);
    assertThat(parse(chat().put("message", longest).toBuffer()).message()).isEqualTo(longest);
  }

  static Stream<Arguments> malformed() {
    return Stream.of(
        Arguments.of("no session", chat().putNull("session_id"), "E002", "session_id"),
        Arguments.of("a number as session", chat().put("session_id", 7), "E003", "session_id"),
        Arguments.of("an empty session", chat().put("session_id", ""), "E004", "session_id"),
        Arguments.of(
            "a long session", chat().put("session_id", "x".repeat(129)), "E004", "session_id"),
        Arguments.of(
            "a control character", chat().put("session_id", "a\u0007b"), "E004", "session_id"),
        Arguments.of("no message", chat().putNull("message"), "E002", "message"),
        Arguments.of(
            "a list as message", chat().put("message", new JsonArray()), "E003", "message"),
        Arguments.of("an empty message", chat().put("message", ""), "E003", "message"),
        Arguments.of(
            "a long message", chat().put("message", "x".repeat(32_769)), "E005", "message"),
        Arguments.of("an object as model", chat().put("model", new JsonObject()), "E003", "model"),
        Arguments.of("an empty model", chat().put("model", ""), "E003", "model"),
        Arguments.of("a long model", chat().put("model", "x".repeat(129)), "E003", "model"),
        Arguments.of("a model of two lines", chat().put("model", "a\nb"), "E003", "model"));
  }

  @ParameterizedTest(name = "{0}: {2}")
  @DisplayName("is refused with the code of what is wrong and the field's name")
  @MethodSource("malformed")
  void fields(String what, JsonObject body, String code, String field) {
    assertRefused(body.toBuffer(), code)
        .satisfies(fault -> assertThat(fault.details().getString("field")).isEqualTo(field));
  }

  static Stream<Arguments> unreadable() {
    String good = chat().encode();
    return Stream.of(
        Arguments.of("nothing", Buffer.buffer()),
        Arguments.of("blanks", Buffer.buffer("  \n ")),
        Arguments.of("half of it", Buffer.buffer(good.substring(0, 20))),
        Arguments.of("more after it", Buffer.buffer(good + " x")),
        Arguments.of("two objects", Buffer.buffer(good + good)),
        Arguments.of("a list", Buffer.buffer("[" + good + "]")),
        Arguments.of("a string", Buffer.buffer("\"hi\"")),
        Arguments.of("null", Buffer.buffer("null")),
        Arguments.of(
            "broken UTF-8", Buffer.buffer(good.replace("hi", "h")).appendByte((byte) 0xC3)),
        Arguments.of(
            "overlong UTF-8", Buffer.buffer(new byte[] {'"', (byte) 0xC0, (byte) 0x80, '"'})),
        Arguments.of(
            "an encoded surrogate",
            Buffer.buffer(new byte[] {'"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"'})),
        Arguments.of(
            "nested too deep", Buffer.buffer("{\"a\":" + "[".repeat(64) + "]".repeat(64) + "}")),
        Arguments.of("opened a million times", Buffer.buffer("[".repeat(1_000_000))));
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("that cannot be read is E001")
  @MethodSource("unreadable")
  void bodies(String what, Buffer body) {
    assertRefused(body, "E001");
  }

  @Test
  @DisplayName("may be nested 64 levels, and brackets in strings do not count")
  void nesting() {
    String deep = "[".repeat(63) + "]".repeat(63);
    String body =
        "{\"session_id\":\"s\",\"message\":\"" + "[{\\\"".repeat(100) + "\",\"x\":" + deep + "}";
    assertThat(parse(Buffer.buffer(body)).message()).startsWith("[{\"[{");
  }

  @Test
  @DisplayName("with half a surrogate pair is refused, for it has no UTF-8 form")
  void loneSurrogates() {
    Buffer body = Buffer.buffer("{\"session_id\":\"s\",\"message\":\"a\\ud83d\"}");
    assertRefused(body, "E003");
    assertRefused(Buffer.buffer("{\"session_id\":\"\\ude00\",\"message\":\"a\"}"), "E003");
  }

  @Test
  @DisplayName("that is malformed is told where, without a word of what it said")
  void placeOnly() {
    assertThatThrownBy(() -> parse(Buffer.buffer("{\n \"secret\": topsecret }")))
        .hasMessageContaining("line 2")
        .hasMessageNotContaining("secret");
  }

  @Test
  @DisplayName("with several wrong fields tells of all of them, and its message of the first")
  void severalProblems() {
    Buffer body = new JsonObject()
        .put("session_id", 7)
        .put("message", "")
        .put("model", "a\nb")
        .toBuffer();
    FaultException fault = catchThrowableOfType(FaultException.class, () -> parse(body));
    assertThat(fault).hasMessage("session_id must be a string");
    assertThat(fault.allDetails())
        .extracting(details -> details.getString("field"))
        .containsExactly("session_id", "message", "model");
    assertThat(ErrorBody.of(fault, Clock.systemUTC()).getJsonArray("details")).hasSize(3);
  }

  static Stream<Arguments> ambiguous() {
    String deep = "{\"session_id\":\"s\",\"message\":\"m\",\"x\":%s}";
    return Stream.of(
        Arguments.of("{\"message\":\"a\",\"message\":\"b\"}", "message"),
        Arguments.of(deep.formatted("[0,{\"y\":1,\"y\":1}]"), "x[1].y"),
        Arguments.of(deep.formatted("1e400"), "x"),
        Arguments.of(deep.formatted("[-1e999999999]"), "x[0]"),
        Arguments.of(deep.formatted("\"\\ud83d\\ud83d\\ude00\""), "x"),
        Arguments.of("{\"" + "n".repeat(100) + "\":1e400}", "n".repeat(64) + "…"));
  }

  @ParameterizedTest(name = "{1}")
  @DisplayName("that cannot be meant is E003 with the field, also where nobody asks for it")
  @MethodSource("ambiguous")
  void unmeant(String body, String field) {
    assertRefused(Buffer.buffer(body), "E003")
        .satisfies(fault -> assertThat(fault.details().getString("field")).isEqualTo(field));
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("in a dialect of JSON, or of more than a server can want, is E001")
  @ValueSource(
      strings = {
        "{\"a\":NaN}",
        "{\"a\":-Infinity}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":1,}",
        "{'a':1}",
        "{a:1}",
        "{/**/}",
        "{\"a\":\"\t\"}",
        "{\"a\":\"\\x\"}",
        "{\"\\ud800\":1}"
      })
  void dialects(String body) {
    assertRefused(Buffer.buffer(body), "E001");
  }

  @Test
  @DisplayName("of a megabyte of brackets, digits or names is refused in a moment")
  void bombs() {
    for (String bomb : List.of(
        "{\"a\":[" + "[],".repeat(300_000) + "[]]}",
        "{\"a\":" + "9".repeat(1_000_000) + "}",
        "{\"a\":1e" + "9".repeat(1_000_000) + "}",
        "{\"" + "n".repeat(1_000_000) + "\":1}")) {
      assertTimeout(Duration.ofSeconds(1), () -> assertRefused(Buffer.buffer(bomb), "E001"));
    }
  }

  @Test
  @DisplayName("may begin with a byte order mark")
  void byteOrderMark() {
    assertThat(parse(Buffer.buffer("\uFEFF" + chat().encode())).message()).isEqualTo("hi");
  }

  @Test
  @DisplayName("may be as long as its body where validation is off, but its ids may not")
  void withoutValidation() {
    String text = "x".repeat(100_000);
    assertThat(parse(chat().put("message", text).toBuffer(), FieldLimits.NONE).message())
        .isEqualTo(text);
    assertThatThrownBy(() -> parse(
            chat().put("session_id", "x".repeat(129)).put("message", text).toBuffer(),
            FieldLimits.NONE))
        .hasMessageContaining("session_id");
  }

  private static AbstractThrowableAssert<?, FaultException> assertRefused(
      Buffer body, String code) {
    FaultException fault = catchThrowableOfType(FaultException.class, () -> parse(body));
    assertThat(fault).isNotNull();
    assertThat(fault.fault().code()).isEqualTo(code);
    return assertThat(fault);
  }
}
