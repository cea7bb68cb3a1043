package io.consoul.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A provider on loopback that speaks the wire formats of OpenAI, Anthropic, Gemini and Ollama, with faults. Which script
 * answers a request: the one for its model, or else the fault of that name ({@link FaultModel}), or else the default, an
 * echo at first.
 */
public final class FakeProvider {

  /** What goes out to a reader that does not read; the system would let it grow to some megabytes. */
  private static final int SEND_BUFFER = 256 * 1024;

  private final Vertx vertx;
  private final HttpServer server;
  private final InstantSource clock;
  private final Map<String, Scripts> byModel = new ConcurrentHashMap<>();
  private final Map<String, Scripts> faults = new ConcurrentHashMap<>();
  private final List<ModelRequest> requests = new CopyOnWriteArrayList<>();
  private final Set<Playback> playing = ConcurrentHashMap.newKeySet();
  private final AtomicInteger aborted = new AtomicInteger();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger answers = new AtomicInteger();
  private volatile Scripts byDefault = Scripts.inTurn(Script.echo());
  private volatile Duration pace = Duration.ZERO;
  private volatile Duration latency = Duration.ZERO;
  private volatile String key;
  private volatile boolean remembering = true;

  private FakeProvider(Vertx vertx, int port, InstantSource clock) {
    this.vertx = vertx;
    this.clock = clock;
    this.server = vertx
        .createHttpServer(new HttpServerOptions()
            .setHost("127.0.0.1")
            .setPort(port)
            .setSendBufferSize(SEND_BUFFER)
            .setHttp2ClearTextEnabled(false))
        .connectionHandler(connection -> {
          connections.incrementAndGet();
          connection.closeHandler(closed -> connections.decrementAndGet());
        })
        .requestHandler(this::route);
  }

  public static Future<FakeProvider> start(Vertx vertx) {
    return start(vertx, 0);
  }

  /** A provider that comes back after a failure does so on the port that it had. */
  public static Future<FakeProvider> start(Vertx vertx, int port) {
    return start(vertx, port, InstantSource.system());
  }

  /** @param clock for what is down for some time */
  public static Future<FakeProvider> start(Vertx vertx, int port, InstantSource clock) {
    FakeProvider fake = new FakeProvider(vertx, port, clock);
    return fake.server.listen().map(fake);
  }

  /** Serves until it is stopped, so that Consoul can be tried against every fault by hand. */
  public static void main(String[] args) {
    FakeProviderCommand.run(args);
  }

  public int port() {
    return server.actualPort();
  }

  /** For an OpenAI-compatible client. */
  public String baseUrl() {
    return baseUrl(ProviderKind.OPENAI);
  }

  public String baseUrl(ProviderKind kind) {
    return kind.baseUrl(port());
  }

  /** Answers every model without a script of its own with this text, in one piece. */
  public FakeProvider answer(String text) {
    return answer(List.of(text));
  }

  public FakeProvider answer(List<String> pieces) {
    return answer(Script.text(pieces));
  }

  /** Answers the next request with the first script, the one after it with the second, and all further ones with the last. */
  public FakeProvider answer(Script first, Script... then) {
    byDefault = Scripts.inTurn(first, then);
    return this;
  }

  /** The same for requests of one model. */
  public FakeProvider script(String model, Script first, Script... then) {
    byModel.put(model, Scripts.inTurn(first, then));
    return this;
  }

  /** The delay between pieces for scripts that have none of their own. */
  public FakeProvider pace(Duration delay) {
    pace = delay;
    return this;
  }

  /** The delay before the first event, behind the response head, for scripts that have none of their own. */
  public FakeProvider latency(Duration delay) {
    latency = delay;
    return this;
  }

  /** Refuses a request without this key from now on; Ollama's format has none. */
  public FakeProvider key(String key) {
    this.key = key;
    return this;
  }

  /** Keeps no request from now on, so that it can serve any number of them. */
  public FakeProvider forgetful() {
    remembering = false;
    return this;
  }

  /** The chat requests so far, those too that a script has refused; not those that no API would take. */
  public List<ModelRequest> requests() {
    return List.copyOf(requests);
  }

  /** How many chat answers are in progress, silent ones too. */
  public int openStreams() {
    return playing.size();
  }

  /** How many connections are open, idle ones too. */
  public int connections() {
    return connections.get();
  }

  /** How many answers the peer has left before their end. */
  public int aborted() {
    return aborted.get();
  }

  /** Closes all connections; what was in progress does not count as aborted. */
  public Future<Void> close() {
    playing.forEach(Playback::stop);
    playing.clear();
    return server.close();
  }

  private void route(HttpServerRequest http) {
    Endpoint endpoint = Endpoint.of(http);
    Dialect dialect = endpoint.kind().dialect();
    switch (endpoint.use()) {
      case CHAT -> http.body().onSuccess(body -> chat(endpoint.kind(), dialect, http, body));
      case MODELS -> json(http.response(), new RefusalAnswer(200, dialect.models(models())));
      case MODEL -> {
        String name = endpoint.model();
        json(
            http.response(),
            isKnown(name)
                ? new RefusalAnswer(200, dialect.model(name))
                : dialect.refusal(Refusal.NO_SUCH_MODEL, name, null));
      }
      case NONE -> json(http.response(), dialect.noSuchPath(http.method().name(), http.path()));
    }
  }

  private void chat(ProviderKind kind, Dialect dialect, HttpServerRequest http, Buffer body) {
    ModelRequest request;
    try {
      request = ModelRequest.of(kind, http, new JsonObject(body));
      if (key != null && !dialect.bears(request, key)) {
        json(http.response(), dialect.refusal(Refusal.UNAUTHORIZED, null, null));
        return;
      }
      dialect.check(request);
    } catch (RuntimeException malformed) {
      json(http.response(), dialect.invalid("Malformed request: " + malformed.getMessage()));
      return;
    }
    if (remembering) {
      requests.add(request);
    }
    play(dialect, http, request);
  }

  private void play(Dialect dialect, HttpServerRequest http, ModelRequest request) {
    int number = answers.incrementAndGet();
    Script script = scriptFor(request);
    Optional<RefusalAnswer> refusal = refusal(dialect, script, request);
    HttpServerResponse response = http.response();
    dialect.mark(number, response.headers(), refusal.map(RefusalAnswer::body).orElse(null));
    script.headers().forEach(response::putHeader);
    Playback playback =
        new Playback(vertx, http, script, pace, latency, aborted::incrementAndGet, playing::remove);
    playing.add(playback);
    if (refusal.isEmpty() && script.body() == null) {
      response.setStatusCode(script.status());
      playback.play(wire(dialect, number, request, script), request.streaming());
      return;
    }
    refuse(playback, script, request, refusal.orElse(null), response);
  }

  private static void refuse(
      Playback playback,
      Script script,
      ModelRequest request,
      RefusalAnswer refusal,
      HttpServerResponse response) {
    if (refusal == null) {
      response.setStatusCode(script.status());
      playback.refuse(Buffer.buffer(script.body()), "application/json");
      return;
    }
    response.setStatusCode(refusal.status());
    // Gemini answers a prompt that it blocks as any other.
    if (refusal.status() == 200 && request.streaming()) {
      playback.refuse(Buffer.buffer("data: " + refusal.body() + "\n\n"), "text/event-stream");
      return;
    }
    if (script.retryHint() != null) {
      script.retryHint().putInto(response.headers(), request.kind());
    }
    Buffer body = refusal.body().toBuffer();
    if (script.isGzip()) {
      response.putHeader("Content-Encoding", "gzip");
      body = Gzip.of(body);
    }
    playback.refuse(body, "application/json");
  }

  private static Optional<RefusalAnswer> refusal(
      Dialect dialect, Script script, ModelRequest request) {
    Refusal why = script.refusal();
    if (why == null && script.isRefusingPrefill() && request.prefill() != null) {
      why = Refusal.PREFILL;
    }
    return Optional.ofNullable(why)
        .map(reason -> dialect.refusal(reason, request.model(), script.retryHint()));
  }

  private static AnswerWire wire(Dialect dialect, int number, ModelRequest request, Script script) {
    boolean goesOn = dialect.continuesPrefill() || script.isContinuingPrefill();
    List<Piece> pieces = script.piecesFor(request, goesOn);
    if (script.hugeLine() == 0) {
      return dialect.answer(number, request, script, pieces);
    }
    List<Piece> filled = new ArrayList<>(pieces);
    filled.add(Piece.text(""));
    AnswerWire empty = dialect.answer(number, request, script, filled);
    int line = empty
        .piece(empty.pieces() - 1)
        .lines()
        .mapToInt(each -> each.getBytes(UTF_8).length)
        .max()
        .orElse(0);
    filled.set(pieces.size(), Piece.text("x".repeat(Math.max(0, script.hugeLine() - line))));
    return dialect.answer(number, request, script, filled);
  }

  private Script scriptFor(ModelRequest request) {
    String model = request.model();
    Scripts own = byModel.get(model);
    if (own != null) {
      return own.next(request);
    }
    if (!model.startsWith(FaultModel.PREFIX)) {
      return byDefault.next(request);
    }
    Scripts fault = faults.get(model);
    if (fault == null) {
      Optional<Scripts> named = FaultModel.scripts(model, clock);
      if (named.isEmpty()) {
        return Script.refusal(Refusal.NO_SUCH_MODEL);
      }
      fault = named.get();
      faults.put(model, fault);
    }
    return fault.next(request);
  }

  private boolean isKnown(String model) {
    return model.equals("fake")
        || byModel.containsKey(model)
        || FaultModel.scripts(model, clock).isPresent();
  }

  private List<String> models() {
    List<String> names = new ArrayList<>(List.of("fake"));
    byModel.keySet().stream().sorted().forEach(names::add);
    Arrays.stream(FaultModel.values()).map(FaultModel::model).forEach(names::add);
    return names;
  }

  private static void json(HttpServerResponse response, RefusalAnswer answer) {
    response
        .setStatusCode(answer.status())
        .putHeader("Content-Type", "application/json")
        .end(answer.body().toBuffer());
  }
}
