package io.consoul.testkit;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What {@link FakeProvider} answers to one request, and what goes wrong with it, in words that fit every
 * format. Immutable: every method returns another script.
 *
 * <p>Where a method takes {@code pieces}, that many pieces are sent before it happens; 0 is before the first event of all, right after the response head. Of an answer that is not streamed, half is sent instead (nothing for 0).
 */
public final class Script implements Cloneable {

  /** What goes wrong with an answer. */
  enum Trouble {
    NONE,
    RESET_BEFORE_HEAD,
    HANG_BEFORE_HEAD,
    HANG,
    STALL,
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
    SPLIT_CHARACTERS,
    ONE_WRITE
  }

  private List<Piece> pieces = List.of(Piece.echo());
  private Refusal refusal;
  private RetryHint retryHint;
  private boolean refusesPrefill;
  private boolean continuesPrefill;
  private boolean gzip;
  private int status = 200;
  private String body;
  private String contentType;
  private Map<String, String> headers = Map.of();
  private Duration beforeHead = Duration.ZERO;
  private Duration beforeFirst = Duration.ZERO;
  private Duration beforeEach = Duration.ZERO;
  private Future<?> hurry = Future.failedFuture("nobody is in a hurry");
  private int heldAfter = -1;
  private Future<?> release;
  private Trouble trouble = Trouble.NONE;
  private int troubleAfter;
  private Duration stall = Duration.ZERO;
  private String finishReason;
  private boolean done = true;
  private UsagePlace usagePlace = UsagePlace.OWN_CHUNK;
  private int promptTokens = -1;
  private int completionTokens = -1;
  private int cachedTokens;
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
    return of(pieces.stream().map(Piece::text).toList());
  }

  /** Thinks these pieces, one event each; {@link #then} says what comes of it. */
  public static Script reasoning(String... pieces) {
    return of(Arrays.stream(pieces).map(Piece::reasoning).toList());
  }

  /** Calls a tool; its arguments come in these fragments, in one piece where the format knows no fragments. */
  public static Script toolCall(String id, String name, String... arguments) {
    List<Piece> call = new ArrayList<>(List.of(Piece.toolCall(0, id, name, "")));
    Arrays.stream(arguments).map(part -> Piece.toolArguments(0, part)).forEach(call::add);
    return of(call);
  }

  /** For what only OpenAI's format has, a refusal say. Each is the {@code delta} of one chunk. */
  public static Script deltas(List<JsonObject> deltas) {
    return of(deltas.stream().map(Piece::delta).toList());
  }

  private static Script of(List<Piece> pieces) {
    return new Script().with(script -> script.pieces = pieces);
  }

  /** Adds the pieces of the other script, and nothing else of it, behind those of this one. */
  public Script then(Script more) {
    int calls = Pieces.count(pieces, Piece.Kind.TOOL_CALL);
    List<Piece> all = new ArrayList<>(pieces);
    more.pieces.stream().map(piece -> piece.later(calls)).forEach(all::add);
    return with(script -> script.pieces = List.copyOf(all));
  }

  /** Sends the fragments of all tool calls in turn. */
  public Script interleaved() {
    return with(script -> script.pieces = Pieces.interleaved(pieces));
  }

  /** Refuses as the provider that is asked words it. */
  public static Script refusal(Refusal why) {
    return new Script().with(script -> script.refusal = why);
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
    return status(status, OpenAiDialect.error(message, type, code));
  }

  /** Tells when to ask again, in whole seconds; Gemini in the body, as long as it is. */
  public Script retryAfter(Duration pause) {
    return with(script -> script.retryHint = new RetryHint(RetryHint.Form.SECONDS, pause));
  }

  public Script retryAfterMillis(Duration pause) {
    return with(script -> script.retryHint = new RetryHint(RetryHint.Form.MILLIS, pause));
  }

  public Script retryAfterDate(Duration pause) {
    return with(script -> script.retryHint = new RetryHint(RetryHint.Form.DATE, pause));
  }

  /** Refuses a request whose last message is the assistant's own, as some models do. */
  public Script refusesPrefill() {
    return with(script -> script.refusesPrefill = true);
  }

  /** Goes on with a last message of the assistant's own in OpenAI's format too, as some compatible servers do. */
  public Script continuesPrefill() {
    return with(script -> script.continuesPrefill = true);
  }

  /** Sends the body of a refusal compressed, asked or not. */
  public Script gzip() {
    return with(script -> script.gzip = true);
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

  /** From when the test says so there are no delays any more. */
  public Script hurriedBy(Future<?> hurry) {
    return with(script -> script.hurry = hurry);
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

  /** Falls silent for a while and then closes the connection. */
  public Script stallAfter(int pieces, Duration silence) {
    return troubled(Trouble.STALL, pieces).with(script -> script.stall = silence);
  }

  /** Closes the connection with no chunked terminator. */
  public Script cutAfter(int pieces) {
    return troubled(Trouble.CUT, pieces);
  }

  /** Ends the response orderly, but without what marks the answer as complete. */
  public Script endAfter(int pieces) {
    return troubled(Trouble.END, pieces);
  }

  /** Resets the connection before any response. */
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

  /** @param reason in OpenAI's words; each format has its own for it */
  public Script finishReason(String reason) {
    return with(script -> script.finishReason = reason);
  }

  /** Gives a finish reason, but neither [DONE] (OpenAI) nor message_stop (Anthropic). */
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

  /** So many of the prompt's tokens come from the provider's cache. */
  public Script cachedTokens(int tokens) {
    return with(script -> script.cachedTokens = tokens);
  }

  /** Every byte is an HTTP chunk and a flush of its own, so that characters and events are cut everywhere. */
  public Script byteAtATime() {
    return with(script -> script.delivery = Delivery.BYTE_BY_BYTE);
  }

  /** Every character of more than one byte is cut in the middle, and its parts are written apart. */
  public Script splitCharacters() {
    return with(script -> script.delivery = Delivery.SPLIT_CHARACTERS);
  }

  /** The whole body in one write; delays between pieces do not count. */
  public Script oneWrite() {
    return with(script -> script.delivery = Delivery.ONE_WRITE);
  }

  public Script crlf() {
    return with(script -> script.lineEnd = "\r\n");
  }

  /** Puts a comment, or a ping, or whatever the format has of that kind before every event. */
  public Script commentsBetween() {
    return with(script -> script.comments = true);
  }

  /** Adds a last piece whose line has exactly so many bytes. */
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

  /** The whole text that it says to this message of the user's, if nothing goes wrong; without what fills a huge line. */
  public String says(String userText) {
    return Pieces.text(Pieces.echoed(pieces, userText));
  }

  /** What is said to this request: all, or the rest of what it has begun itself. */
  List<Piece> piecesFor(ModelRequest request, boolean goesOn) {
    List<Piece> all = Pieces.echoed(pieces, request.lastUserText());
    return goesOn && request.prefill() != null ? Pieces.after(request.prefill(), all) : all;
  }

  /** Null where it does not refuse. */
  Refusal refusal() {
    return refusal;
  }

  RetryHint retryHint() {
    return retryHint;
  }

  boolean isRefusingPrefill() {
    return refusesPrefill;
  }

  boolean isContinuingPrefill() {
    return continuesPrefill;
  }

  boolean isGzip() {
    return gzip;
  }

  Duration stall() {
    return stall;
  }

  int cached() {
    return cachedTokens;
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

  boolean isHurried() {
    return hurry.succeeded();
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
    if (finishReason != null) {
      return finishReason;
    }
    return pieces.stream().anyMatch(Piece::isTool) ? "tool_calls" : "stop";
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
