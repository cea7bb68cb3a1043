package io.consoul.provider.course;

import io.consoul.provider.Completion;
import io.consoul.provider.ProviderAdapter;
import io.consoul.provider.RescueConfig;
import io.consoul.provider.Route;
import io.consoul.provider.Target;
import io.consoul.provider.TokenCount;
import io.consoul.provider.health.Health;
import io.consoul.provider.health.Healths;
import io.consoul.provider.health.RetryConfig;
import io.consoul.trace.Tracing;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** What the courses of one verticle instance work with. */
public final class Courses {

  private final Vertx vertx;
  private final Map<String, ProviderAdapter> adapters;
  private final Map<String, Health> healths;
  private final TokenCount tokens;
  private final RetryConfig retry;
  private final RescueConfig rescue;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Backoff backoff;
  private final CourseMeters meters;
  private final Tracing tracing;

  /**
   * @param adapters by the name of their provider
   * @param healths of these; each stays at hand when its provider has gone from the configuration
   */
  public Courses(
      Vertx vertx,
      Map<String, ProviderAdapter> adapters,
      Healths healths,
      TokenCount tokens,
      RetryConfig retry,
      RescueConfig rescue,
      InstantSource clock,
      RandomGenerator random,
      CourseMeters meters,
      Tracing tracing) {
    this.vertx = vertx;
    this.adapters = Map.copyOf(adapters);
    this.healths = adapters.keySet().stream().collect(Collectors.toMap(name -> name, healths::of));
    this.tokens = tokens;
    this.retry = retry;
    this.rescue = rescue;
    this.clock = clock;
    this.random = random;
    this.backoff = new Backoff(retry, random);
    this.meters = meters;
    this.tracing = tracing;
  }

  /**
   * @param turn for the log
   * @param deadline beyond which waiting makes no sense
   */
  public Course plan(
      String turn, Route route, Completion asked, Instant deadline, CourseSink sink) {
    return new Course(this, turn, new Itinerary(route.order(random)), asked, deadline, sink);
  }

  /**
   * As above for an answer that another course has begun and cannot go on with.
   *
   * @param length of what was said
   * @param rescues how often the answer has gone on, this time included
   */
  public Course planRest(
      String turn,
      Route route,
      Completion asked,
      Instant deadline,
      CourseSink sink,
      int length,
      int rescues) {
    Course course = plan(turn, route, asked, deadline, sink);
    course.goesOnAfter(length, rescues);
    return course;
  }

  Vertx vertx() {
    return vertx;
  }

  ProviderAdapter adapter(Target target) {
    return adapters.get(target.upstream().name());
  }

  /** The conversation for this target, as far as its window holds it; at once for one that fits. */
  Future<Completion> fit(Completion asked, Target target) {
    return tokens.fit(asked.by(target.model()), target.info());
  }

  Health health(Target target) {
    return health(target.upstream().name());
  }

  /** Of a provider that there is an adapter for. */
  public Health health(String provider) {
    return healths.get(provider);
  }

  RetryConfig retry() {
    return retry;
  }

  RescueConfig rescue() {
    return rescue;
  }

  Backoff backoff() {
    return backoff;
  }

  CourseMeters meters() {
    return meters;
  }

  Tracing tracing() {
    return tracing;
  }

  Instant now() {
    return clock.instant();
  }

  Waits waits(Instant deadline) {
    return new Waits(backoff, retry.longestHold(), deadline, clock);
  }
}
