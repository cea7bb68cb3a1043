package io.consoul.provider;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.BreakerState;
import io.consoul.message.ModelList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Finds who answers for a model's name. It never gives another model than the one asked for. */
public final class Routes {

  /** The other name that Google's provider is found by. */
  private static final String GEMINI = "gemini";

  private final List<Upstream> upstreams;
  private final List<Route> routes;

  public Routes(List<Upstream> upstreams, List<Route> routes) {
    this.upstreams = List.copyOf(upstreams);
    this.routes = List.copyOf(routes);
  }

  /**
   * Who may answer. A name with its provider before it means that one target; else a route's name takes the route; else it is who
   * lists the model, who made its family, or who may have any model.
   *
   * @param model null for the default
   * @throws FaultException E210 with what there is, when nobody answers for this name; E211 when none is named and none is the
   *     default
   */
  public Route resolve(String model) {
    if (model == null) {
      Target target = byDefault().orElseThrow(this::nothingByDefault);
      return Route.to(target.toString(), target);
    }
    Optional<Target> exact = named(model);
    if (exact.isEmpty()) {
      Optional<Route> route = route(model);
      if (route.isPresent()) {
        return route.get();
      }
    }
    return Route.to(model, exact.or(() -> found(model)).orElseThrow(() -> unknown(model)));
  }

  /** Whether a name has one of our providers before it. */
  boolean namesProvider(String model) {
    return named(model).isPresent();
  }

  /** What answers when nobody is asked for: of those that are configured the first one that knows what to answer with. */
  Optional<Target> byDefault() {
    Optional<Target> first = upstreams.stream()
        .filter(upstream -> upstream.modelByDefault().isPresent())
        .findFirst()
        .map(upstream -> new Target(upstream, upstream.modelByDefault().get()));
    // Who has configured a real provider does not mean the built-in one.
    boolean isStandIn = upstreams.size() > 1
        && first
            .filter(target -> target.upstream().name().equals(Upstream.ECHO))
            .isPresent()
        && !first.get().upstream().equals(upstreams.get(0));
    return isStandIn ? Optional.empty() : first;
  }

  /**
   * What a caller can ask for, as far as it is known without asking the providers; the default first, then the routes.
   *
   * @param breakers by the name of their provider
   */
  List<ModelList.Model> known(Function<String, BreakerState> breakers) {
    Optional<Target> byDefault = byDefault();
    List<ModelList.Model> list = new ArrayList<>();
    byDefault.ifPresent(target -> list.add(listed(nameOf(target), target, true, breakers)));
    routes.forEach(
        route -> list.add(listed(route.name(), route.steps().get(0).target(), false, breakers)));
    upstreams.stream()
        .flatMap(Routes::known)
        .filter(target -> !byDefault.equals(Optional.of(target)))
        .forEach(target -> list.add(listed(nameOf(target), target, false, breakers)));
    return list;
  }

  private static ModelList.Model listed(
      String name, Target target, boolean byDefault, Function<String, BreakerState> breakers) {
    Model model = target.info();
    String provider = target.upstream().name();
    return new ModelList.Model(
        name,
        provider,
        byDefault,
        model.window(),
        model.prices().toMessage(),
        breakers.apply(provider));
  }

  /** The same for people. */
  private List<String> available() {
    List<String> names = new ArrayList<>(routes.stream().map(Route::name).toList());
    for (Upstream upstream : upstreams) {
      known(upstream).map(this::nameOf).forEach(names::add);
      if (upstream.dialect() != Upstream.Dialect.ECHO) {
        names.add(upstream.name() + "/… (any other of its models)");
      }
    }
    return names;
  }

  private static Stream<Target> known(Upstream upstream) {
    return Stream.concat(
            upstream.modelByDefault().stream(), upstream.models().stream().map(Model::name))
        .distinct()
        .map(model -> new Target(upstream, model));
  }

  /**
   * With its provider, which alone is never mistaken; but {@code echo} is echo, unless somebody else took the name.
   */
  private String nameOf(Target target) {
    boolean isEcho = target.model().equals(Upstream.ECHO)
        && route(Upstream.ECHO).isEmpty()
        && found(Upstream.ECHO).equals(Optional.of(target));
    return isEcho ? Upstream.ECHO : target.toString();
  }

  /** {@code provider/model}: names of models may hold slashes themselves, so only a known provider counts. */
  private Optional<Target> named(String model) {
    int slash = model.indexOf('/');
    if (slash < 0 || slash == model.length() - 1) {
      return Optional.empty();
    }
    String provider = model.substring(0, slash);
    String rest = model.substring(slash + 1);
    return first(upstream -> upstream.name().equals(provider), rest)
        .or(() -> provider.equals(GEMINI)
            ? first(upstream -> upstream.name().equals(Shorthand.GOOGLE.providerName()), rest)
            : Optional.empty());
  }

  private Optional<Route> route(String name) {
    return routes.stream().filter(route -> route.name().equals(name)).findFirst();
  }

  private Optional<Target> found(String model) {
    return first(upstream -> upstream.knows(model), model)
        .or(() -> first(upstream -> upstream.isHomeOf(model), model))
        .or(() -> model.equals(Upstream.ECHO)
            ? first(upstream -> upstream.dialect() == Upstream.Dialect.ECHO, model)
            : Optional.empty())
        .or(() -> model.isBlank() ? Optional.empty() : first(Upstream::takesAnyModel, model));
  }

  private Optional<Target> first(Predicate<Upstream> fits, String model) {
    return upstreams.stream().filter(fits).findFirst().map(upstream -> new Target(upstream, model));
  }

  private FaultException unknown(String model) {
    return Fault.MODEL_NOT_AVAILABLE.because("the model " + shortened(model)
        + " is not available here; available: " + String.join(", ", available()));
  }

  private FaultException nothingByDefault() {
    String provider = upstreams.get(0).name();
    return Fault.MODEL_CONFIG_ERROR.because("no model is named, and " + provider
        + " has none by default: ask for one (" + provider
        + "/…), or set CONSOUL_MODEL_NAME or the provider's defaultModel");
  }

  private static String shortened(String model) {
    return model.length() > 100 ? model.substring(0, 100) + "…" : model;
  }
}
