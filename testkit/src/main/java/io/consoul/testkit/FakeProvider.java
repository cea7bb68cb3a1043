package io.consoul.testkit;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A provider on loopback that speaks the OpenAI chat completions wire format, with faults. Which script answers a request:
 * the one for its model, or else the fault of that name ({@link FaultModel}), or else the default, an echo at first.
 */
public final class FakeProvider {

  /** Scripts for one request after another; the last one stays. */
  private record Sequence(List<Script> scripts, AtomicInteger taken) {

    Sequence(Script first, Script... then) {
      this(List.of(concat(first, then)), new AtomicInteger());
    }

    Script take() {
      return scripts.get(Math.min(taken.getAndIncrement(), scripts.size() - 1));
    }

    private static Script[] concat(Script first, Script... then) {
      Script[] all = Arrays.copyOf(new Script[] {first}, then.length + 1);
      System.arraycopy(then, 0, all, 1, then.length);
      return all;
    }
  }

  private final Vertx vertx;
  private final HttpServer server;
  private final Map<String, Sequence> byModel = new ConcurrentHashMap<>();
  private final List<ModelRequest> requests = new CopyOnWriteArrayList<>();
  private final Set<Playback> playing = ConcurrentHashMap.newKeySet();
  private final AtomicInteger aborted = new AtomicInteger();
  private final AtomicInteger answers = new AtomicInteger();
  private volatile Sequence byDefault = new Sequence(Script.echo());
  private volatile Duration pace = Duration.ZERO;

  private FakeProvider(Vertx vertx, int port) {
    this.vertx = vertx;
    this.server = vertx
        .createHttpServer(new HttpServerOptions()
            .setHost("127.0.0.1")
            .setPort(port)
            .setHttp2ClearTextEnabled(false))
        .requestHandler(this::route);
  }

  public static Future<FakeProvider> start(Vertx vertx) {
    return start(vertx, 0);
  }

  /** A provider that comes back after a failure does so on the port that it had. */
  public static Future<FakeProvider> start(Vertx vertx, int port) {
    FakeProvider fake = new FakeProvider(vertx, port);
    return fake.server.listen().map(fake);
  }

  /** Serves until it is stopped, so that Consoul can be tried against every fault by hand. */
  public static void main(String[] args) {
    FakeProviderCommand.run(args);
  }

  public int port() {
    return server.actualPort();
  }

  public String baseUrl() {
    return "http://127.0.0.1:" + port() + "/v1";
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
    byDefault = new Sequence(first, then);
    return this;
  }

  /** The same for requests of one model. */
  public FakeProvider script(String model, Script first, Script... then) {
    byModel.put(model, new Sequence(first, then));
    return this;
  }

  /** The delay between pieces for scripts that have none of their own. */
  public FakeProvider pace(Duration delay) {
    pace = delay;
    return this;
  }

  /** The chat requests so far, those that were refused too. */
  public List<ModelRequest> requests() {
    return List.copyOf(requests);
  }

  /** How many chat answers are in progress, silent ones too. */
  public int openStreams() {
    return playing.size();
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
    String path = http.path();
    if (http.method() == HttpMethod.POST && path.equals("/v1/chat/completions")) {
      http.body().onSuccess(body -> chat(http, body));
    } else if (http.method() == HttpMethod.GET && path.equals("/v1/models")) {
      json(http.response(), 200, models());
    } else if (http.method() == HttpMethod.GET && path.startsWith("/v1/models/")) {
      String name = path.substring("/v1/models/".length());
      boolean known = name.equals("fake")
          || byModel.containsKey(name)
          || FaultModel.named(name).isPresent();
      json(http.response(), known ? 200 : 404, known ? OpenAiWire.model(name) : noSuchModel(name));
    } else {
      json(
          http.response(),
          404,
          OpenAiWire.error(
              "Invalid URL (" + http.method() + " " + path + ")", "invalid_request_error", null));
    }
  }

  private void chat(HttpServerRequest http, Buffer body) {
    ModelRequest request;
    try {
      request = new ModelRequest(
          http.method().name(),
          http.path(),
          MultiMap.caseInsensitiveMultiMap().addAll(http.headers()),
          new JsonObject(body));
      check(request);
    } catch (RuntimeException malformed) {
      json(
          http.response(),
          400,
          OpenAiWire.error(
              "Malformed request: " + malformed.getMessage(), "invalid_request_error", null));
      return;
    }
    requests.add(request);
    play(http, request);
  }

  /** Reads all that will be read, so that what the real API refuses is refused here too. */
  private static void check(ModelRequest request) {
    if (request.model() == null) {
      throw new IllegalArgumentException("you must provide a model parameter");
    }
    if (request.messages().isEmpty()) {
      throw new IllegalArgumentException("messages is too short");
    }
    for (JsonObject message : request.messages()) {
      if (message.getString("role") == null) {
        throw new IllegalArgumentException("a message has no role");
      }
    }
    request.streaming();
    request.asksForUsage();
    request.words();
  }

  private void play(HttpServerRequest http, ModelRequest request) {
    int number = answers.incrementAndGet();
    Script script = scriptFor(request.model());
    http.response().putHeader("x-request-id", "req_" + number);
    Playback playback =
        new Playback(vertx, http, script, pace, aborted::incrementAndGet, playing::remove);
    playing.add(playback);
    playback.play(new OpenAiWire(number, request, script), request.streaming());
  }

  private Script scriptFor(String model) {
    Sequence own = byModel.get(model);
    if (own != null) {
      return own.take();
    }
    if (model.startsWith("fault-")) {
      return FaultModel.named(model)
          .map(FaultModel::script)
          .orElseGet(() -> Script.status(404, noSuchModel(model)));
    }
    return byDefault.take();
  }

  private JsonObject models() {
    JsonArray data = new JsonArray().add(OpenAiWire.model("fake"));
    byModel.keySet().stream().sorted().map(OpenAiWire::model).forEach(data::add);
    Arrays.stream(FaultModel.values())
        .map(FaultModel::model)
        .map(OpenAiWire::model)
        .forEach(data::add);
    return new JsonObject().put("object", "list").put("data", data);
  }

  private static JsonObject noSuchModel(String name) {
    return OpenAiWire.error(
        "The model `" + name + "` does not exist or you do not have access to it.",
        "invalid_request_error",
        "model_not_found");
  }

  private static void json(HttpServerResponse response, int status, JsonObject body) {
    response
        .setStatusCode(status)
        .putHeader("Content-Type", "application/json")
        .end(body.toBuffer());
  }
}
