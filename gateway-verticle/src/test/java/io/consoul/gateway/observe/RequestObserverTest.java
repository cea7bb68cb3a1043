package io.consoul.gateway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import io.consoul.message.ModelList;
import io.consoul.testkit.ManualClock;
import io.consoul.trace.Tracing;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("An observer of a request")
class RequestObserverTest {

  private final ManualClock clock = new ManualClock();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private int asked;
  private Future<ModelList> answer = Future.succeededFuture(models("m1"));
  private final KnownModels models = new KnownModels(clock, () -> {
    asked++;
    return answer;
  });
  private final Observers observers = new Observers(
      clock, Tracing.OFF, new RequestMeters(registry), models, () -> false, () -> null);

  private static ModelList models(String name) {
    return new ModelList(List.of(new ModelList.Model("p1/" + name, "p1", true)));
  }

  private RequestObserver request() {
    return request(observers);
  }

  private static RequestObserver request(Observers observers) {
    HttpServerRequest request = (HttpServerRequest) Proxy.newProxyInstance(
        RequestObserverTest.class.getClassLoader(),
        new Class<?>[] {HttpServerRequest.class},
        (self, method, arguments) -> switch (method.getName()) {
          case "path" -> "/chat/stream";
          case "method" -> HttpMethod.POST;
          case "headers" -> MultiMap.caseInsensitiveMultiMap();
          case "isSSL" -> false;
          case "version" -> HttpVersion.HTTP_1_1;
          default -> throw new UnsupportedOperationException(method.getName());
        });
    return observers.request(request, "r-1");
  }

  private Timer timer(String name) {
    return registry.get(name).tag("endpoint", "/chat/stream").timer();
  }

  /** Or null where it is not known yet. */
  private String label(String name) {
    String[] told = new String[1];
    models.label(name, label -> told[0] = label);
    return told[0];
  }

  @Test
  @DisplayName(
      "measures from the end of the body to the head of the answer, and a stream to its end")
  void times() {
    RequestObserver request = request();
    clock.advance(Duration.ofSeconds(20));
    request.bodyRead();
    clock.advance(Duration.ofMillis(300));
    request.streams();
    request.head();
    request.head();
    clock.advance(Duration.ofMinutes(3));
    request.end(200, 1L);
    request.end(499, 1L);
    assertThat(timer("consoul_request_latency").count()).isEqualTo(1);
    assertThat(timer("consoul_request_latency").totalTime(TimeUnit.MILLISECONDS))
        .isEqualTo(300);
    assertThat(timer("consoul_stream_duration").totalTime(TimeUnit.MILLISECONDS))
        .isEqualTo(180_300);
    assertThat(registry
            .get("consoul_request")
            .tags("endpoint", "/chat/stream", "status", "200")
            .counter()
            .count())
        .isEqualTo(1);
    assertThat(registry.find("consoul_request").tag("status", "499").counters()).isEmpty();
  }

  @Test
  @DisplayName("takes no time of what comes after its end: as many have one as have got something")
  void late() {
    RequestObserver request = request();
    request.left();
    request.done();
    request.refused(Fault.SESSION_LOCKED);

    assertThat(registry
            .find("consoul_request_latency")
            .tag("endpoint", "/chat/stream")
            .timers())
        .allSatisfy(timer -> assertThat(timer.count()).isZero());
    assertThat(registry.get("consoul_request").tag("status", "499").counter().count())
        .isEqualTo(1);
  }

  @Test
  @DisplayName("logs a path and a method as one word each, whatever blanks are in them")
  void words() {
    assertThat(LogText.word("/a 200 request_id=x\n", 100))
        .isEqualTo("/a\\x20200\\x20request_id=x\\x0a");
    assertThat(LogText.word(null, 100)).isEqualTo("-");
  }

  @Test
  @DisplayName("sorts times into the buckets that dashboards know, and finer ones below")
  void buckets() {
    request().head();
    assertThat(Arrays.stream(timer("consoul_request_latency").takeSnapshot().histogramCounts())
            .map(CountAtBucket::bucket)
            .map(nanos -> nanos / 1e9))
        .containsExactly(
            .0005, .001, .0025, .005, .01, .05, .1, .25, .5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0);
  }

  @Test
  @DisplayName(
      "asks for the models' names every 10 s at most, and goes on with the old ones meanwhile")
  void names() {
    request().asks("m1");
    request().asks("m2");
    assertThat(asked).isEqualTo(1);
    assertThat(label("p1/m1")).isEqualTo("m1");
    assertThat(label("m2")).isEqualTo("other");
    clock.advance(Duration.ofSeconds(10));
    answer = Future.succeededFuture(models("m2"));
    request().asks("m2");
    assertThat(asked).isEqualTo(2);
    assertThat(label("m2")).isEqualTo("m2");
    assertThat(label("m1")).isEqualTo("other");
    assertThat(label(null)).isEqualTo("unknown");
  }

  @Test
  @DisplayName(
      "forget a model that no provider has known for ten minutes, and count it anew when it is back")
  void takenOut() {
    Observers another = new Observers(
        clock,
        Tracing.OFF,
        new RequestMeters(registry),
        new KnownModels(clock, () -> answer),
        () -> false,
        () -> null);
    answered(observers, "m1");
    answered(another, "m1");
    assertThat(answers()).isEqualTo(Map.of("m1", 2.0));
    clock.advance(Duration.ofSeconds(10));
    answer = Future.succeededFuture(models("m2"));
    answered(observers, "m2");
    answered(observers, "m1");
    assertThat(answers()).isEqualTo(Map.of("m1", 2.0, "m2", 1.0, "other", 1.0));
    clock.advance(Duration.ofMinutes(10));
    answered(observers, "m2");
    assertThat(answers()).isEqualTo(Map.of("m2", 2.0, "other", 1.0));

    answer = Future.succeededFuture(models("m1"));
    clock.advance(Duration.ofSeconds(10));
    answered(observers, "m1");
    answered(another, "m1"); // which has never heard that it was gone
    assertThat(answers()).isEqualTo(Map.of("m1", 2.0, "m2", 2.0, "other", 1.0));
  }

  private static void answered(Observers observers, String model) {
    RequestObserver request = request(observers);
    request.asks(model);
    request.end(200, null);
  }

  /** By the label of the model. */
  private Map<String, Double> answers() {
    return registry.get("consoul_request").counters().stream()
        .filter(counter -> counter.count() > 0)
        .collect(Collectors.toMap(counter -> counter.getId().getTag("model"), Counter::count));
  }

  @Test
  @DisplayName("names a model when it is known whether it is configured, and all others at once")
  void onTheirWay() {
    Promise<ModelList> names = Promise.promise();
    request().asks("m1");
    clock.advance(Duration.ofSeconds(10));
    answer = names.future();
    request().asks("m2");
    List<String> told = new ArrayList<>();
    models.label("m2", told::add);
    models.label("m3", told::add);
    assertThat(told).isEmpty();
    assertThat(label("m1")).isEqualTo("m1");
    assertThat(label(null)).isEqualTo("unknown");
    for (int i = 2; i < 1_000; i++) {
      models.label("m" + i, label -> {});
    }
    assertThat(label("m2")).as("one too many to wait").isEqualTo("other");
    names.complete(models("m2"));
    assertThat(told).containsExactly("m2", "other");
  }

  @Test
  @DisplayName("asks again at once where nobody was there to be asked")
  void nobodyThere() {
    answer = Future.failedFuture(Fault.LLM_UNAVAILABLE.because());
    request().asks("m1");
    assertThat(label("m1")).isEqualTo("other");
    answer = Future.succeededFuture(models("m1"));
    request().asks("m1");
    assertThat(label("m1")).isEqualTo("m1");
  }
}
