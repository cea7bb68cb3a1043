package io.consoul.testkit;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What {@link FakeProvider} answers to one request, and what goes wrong with it. Immutable: every method returns another script.
 *
 * <p>Where a method takes {@code pieces}, that many pieces of text are sent before it happens; 0 is before the chunk that
 * names the role, right after the response head. Of an answer that is not streamed, half is sent instead (nothing for 0).
 */
public final class Script implements Cloneable {

  /** What goes wrong with an answer. */
  enum Trouble {
    NONE,
    RESET_BEFORE_HEAD,
    HANG_BEFORE_HEAD,
    HANG,
    CUT,
    END,
    MALFORMED,
    ERROR_EVENT
  }

  /** Where a streamed answer tells its usage. */
  enum UsagePlace {
    OWN_CHUNK,
    LAST_PIECE,
    BOTH,
    NOWHERE
  }

  /** How the bytes of an answer are divided into writes. */
  enum Delivery {
    EVENT_BY_EVENT,
    BYTE_BY_BYTE,
    ONE_WRITE
  }

  private List<JsonObject> deltas;
  private int status = 200;
  private String body;
  private String contentType;
  private Map<String, String> headers = Map.of();
  private Duration beforeHead = Duration.ZERO;
  private Duration beforeFirst = Duration.ZERO;
  private Duration beforeEach = Duration.ZERO;
  private int heldAfter = -1;
  private Future<?> release;
  private Trouble trouble = Trouble.NONE;
  private int troubleAfter;
  private String finishReason = "stop";
  private boolean done = true;
  private UsagePlace usagePlace = UsagePlace.OWN_CHUNK;
  private int promptTokens = -1;
  private int completionTokens = -1;
  private Delivery delivery = Delivery.EVENT_BY_EVENT;
  private String lineEnd = "\n";
  private boolean comments;
  private int hugeLine;

  private Script() {}

  /** Says "You said: " and the last user message, a word at a time. */
  public static Script echo() {
    return new Script();
  }

  /** Says these pieces of text, one event each. */
  public static Script text(String... pieces) {
    return text(Arrays.asList(pieces));
  }

  public static Script text(List<String> pieces) {
    return deltas(pieces.stream().map(OpenAiWire::content).toList());
  }

  /** For what is not text: tool calls, reasoning, refusals. Each is the {@code delta} of one chunk. */
  public static Script deltas(List<JsonObject> deltas) {
    List<JsonObject> copies = deltas.stream().map(JsonObject::copy).toList();
    return new Script().with(script -> script.deltas = copies);
  }

  /** Refuses with this status and this JSON. */
  public static Script status(int status, JsonObject error) {
    return status(status, error.encode());
  }

  /** Refuses with this status and this text, whatever it is: a proxy's HTML page has its {@link #contentType} too. */
  public static Script status(int status, String body) {
    return new Script().with(script -> {
      script.status = status;
      script.body = body;
    });
  }

  /** Refuses with this status and an error object as OpenAI words it. */
  public static Script error(int status, String type, String code, String message) {
    return status(status, OpenAiWire.error(message, type, code));
  }

  public Script header(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return with(script -> script.headers = Map.copyOf(more));
  }

  public Script contentType(String value) {
    return with(script -> script.contentType = value);
  }

  /** Waits before the response head. */
  public Script delayHead(Duration delay) {
    return with(script -> script.beforeHead = delay);
  }

  /** Sends the head at once and waits before the first event. */
  public Script delayFirst(Duration delay) {
    return with(script -> script.beforeFirst = delay);
  }

  /** Waits before every piece but the first. */
  public Script delayEach(Duration delay) {
    return with(script -> script.beforeEach = delay);
  }

  /** After so many pieces goes on only when the test says so; 0 holds back the head, any number an answer in one piece. */
  public Script heldAfter(int pieces, Future<?> release) {
    return with(script -> {
      script.heldAfter = pieces;
      script.release = release;
    });
  }

  /** Takes the request and never answers. */
  public Script hang() {
    return troubled(Trouble.HANG_BEFORE_HEAD, 0);
  }

  /** Falls silent and keeps the connection open. */
  public Script hangAfter(int pieces) {
    return troubled(Trouble.HANG, pieces);
  }

  /** Closes the connection with no chunked terminator. */
  public Script cutAfter(int pieces) {
    return troubled(Trouble.CUT, pieces);
  }

  /** Ends the response orderly, but without finish_reason and [DONE]. */
  public Script endAfter(int pieces) {
    return troubled(Trouble.END, pieces);
  }

  /** Closes the connection before any response. */
  public Script resetBeforeHead() {
    return troubled(Trouble.RESET_BEFORE_HEAD, 0);
  }

  /** Puts one chunk of broken JSON in between and goes on. */
  public Script malformedAfter(int pieces) {
    return troubled(Trouble.MALFORMED, pieces);
  }

  /** Ends with an error event under status 200; for 0 it is the first event. */
  public Script errorEventAfter(int pieces) {
    return troubled(Trouble.ERROR_EVENT, pieces);
  }

  public Script finishReason(String reason) {
    return with(script -> script.finishReason = reason);
  }

  /** Gives a finish_reason, but no [DONE]. */
  public Script noDone() {
    return with(script -> script.done = false);
  }

  /** Knows no usage, like a server that ignores {@code stream_options}. */
  public Script noUsage() {
    return with(script -> script.usagePlace = UsagePlace.NOWHERE);
  }

  /** Tells the usage, asked or not, on the chunk of the last piece. */
  public Script usageOnLastPiece() {
    return with(script -> script.usagePlace = UsagePlace.LAST_PIECE);
  }

  /** Tells the usage on the chunk of the last piece, and again on its own chunk if that is asked for. */
  public Script usageTwice() {
    return with(script -> script.usagePlace = UsagePlace.BOTH);
  }

  /** Without it the prompt's words and the answer's pieces are counted. */
  public Script usage(int promptTokens, int completionTokens) {
    return with(script -> {
      script.promptTokens = promptTokens;
      script.completionTokens = completionTokens;
    });
  }

  /** Every byte is an HTTP chunk and a flush of its own, so that characters and events are cut everywhere. */
  public Script byteAtATime() {
    return with(script -> script.delivery = Delivery.BYTE_BY_BYTE);
  }

  /** The whole body in one write; delays between pieces do not count. */
  public Script oneWrite() {
    return with(script -> script.delivery = Delivery.ONE_WRITE);
  }

  public Script crlf() {
    return with(script -> script.lineEnd = "\r\n");
  }

  /** Puts a comment and an event of an unknown name before every event. */
  public Script commentsBetween() {
    return with(script -> script.comments = true);
  }

  /** Adds a last piece whose {@code data:} line has exactly so many bytes. */
  public Script hugeLine(int bytes) {
    return with(script -> script.hugeLine = bytes);
  }

  private Script troubled(Trouble kind, int pieces) {
    return with(script -> {
      script.trouble = kind;
      script.troubleAfter = pieces;
    });
  }

  private Script with(Consumer<Script> change) {
    try {
      Script copy = (Script) clone();
      change.accept(copy);
      return copy;
    } catch (CloneNotSupportedException impossible) {
      throw new AssertionError(impossible);
    }
  }

  List<JsonObject> deltasFor(ModelRequest request) {
    return deltas != null ? deltas : OpenAiWire.echo(request.lastUserText());
  }

  boolean refuses() {
    return body != null;
  }

  String body() {
    return body;
  }

  int status() {
    return status;
  }

  Map<String, String> headers() {
    return headers;
  }

  String contentTypeOr(String usual) {
    return contentType != null ? contentType : usual;
  }

  Duration beforeHead() {
    return beforeHead;
  }

  Duration beforeFirst() {
    return beforeFirst;
  }

  Duration beforeEach() {
    return beforeEach;
  }

  /** Negative where nothing is held. */
  int heldAfter() {
    return heldAfter;
  }

  Future<?> release() {
    return release;
  }

  Trouble trouble() {
    return trouble;
  }

  /** Whether the trouble comes at some place of the answer, and not before it. */
  boolean troubledInStream() {
    return trouble.compareTo(Trouble.HANG) >= 0;
  }

  int troubleAfter() {
    return troubleAfter;
  }

  String finishReason() {
    return finishReason;
  }

  boolean done() {
    return done;
  }

  UsagePlace usagePlace() {
    return usagePlace;
  }

  int promptTokensOr(int counted) {
    return promptTokens >= 0 ? promptTokens : counted;
  }

  int completionTokensOr(int counted) {
    return completionTokens >= 0 ? completionTokens : counted;
  }

  Delivery delivery() {
    return delivery;
  }

  String lineEnd() {
    return lineEnd;
  }

  boolean comments() {
    return comments;
  }

  int hugeLine() {
    return hugeLine;
  }
}
