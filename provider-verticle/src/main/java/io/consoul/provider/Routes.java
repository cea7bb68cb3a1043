package io.consoul.provider;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.ModelList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Finds who answers for a model's name. It never gives another model than the one asked for. */
final class Routes {

  /** OpenAI's own families: their names find it without being listed. */
  private static final List<String> OPENAI_PREFIXES = List.of("gpt-", "chatgpt-", "o1", "o3", "o4");

  private final List<Upstream> upstreams;

  Routes(List<Upstream> upstreams) {
    this.upstreams = List.copyOf(upstreams);
  }

  /**
   * @param model null for the default
   * @throws FaultException E210 with what there is, when nobody answers for this name
   */
  Route resolve(String model) {
    return Route.to(model, target(model));
  }

  private Target target(String model) {
    if (model == null) {
      Upstream first = upstreams.get(0);
      return new Target(first, first.modelByDefault());
    }
    return named(model)
        .or(() -> first(upstream -> upstream.knows(model), model))
        .or(() -> isOpenAis(model) ? first(Routes::isOpenAi, model) : Optional.empty())
        .or(() -> model.equals(Upstream.ECHO)
            ? first(upstream -> upstream.dialect() == Upstream.Dialect.ECHO, model)
            : Optional.empty())
        .or(() -> model.isBlank() ? Optional.empty() : first(Upstream::takesAnyModel, model))
        .orElseThrow(() -> Fault.MODEL_NOT_AVAILABLE.because("the model " + shortened(model)
            + " is not available here; available: " + String.join(", ", available())));
  }

  /** What a caller can ask for, as far as it is known without asking the providers; the default first. */
  List<ModelList.Model> known() {
    Target byDefault = target(null);
    return Stream.concat(Stream.of(byDefault), upstreams.stream().flatMap(Routes::known))
        .distinct()
        .map(route ->
            new ModelList.Model(nameOf(route), route.upstream().name(), route.equals(byDefault)))
        .toList();
  }

  /** The same for people. */
  private List<String> available() {
    List<String> names = new ArrayList<>();
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
            Stream.of(upstream.modelByDefault()), upstream.models().stream().map(Model::name))
        .distinct()
        .map(model -> new Target(upstream, model));
  }

  /** With its provider, which alone is never mistaken; but {@code echo} is echo, unless somebody else took the name. */
  private String nameOf(Target route) {
    return route.model().equals(Upstream.ECHO) && target(Upstream.ECHO).equals(route)
        ? Upstream.ECHO
        : route.upstream().name() + "/" + route.model();
  }

  /** {@code provider/model}: names of models may hold slashes themselves, so only a known provider counts. */
  private Optional<Target> named(String model) {
    int slash = model.indexOf('/');
    if (slash < 0 || slash == model.length() - 1) {
      return Optional.empty();
    }
    String provider = model.substring(0, slash);
    return first(upstream -> upstream.name().equals(provider), model.substring(slash + 1));
  }

  private Optional<Target> first(Predicate<Upstream> fits, String model) {
    return upstreams.stream().filter(fits).findFirst().map(upstream -> new Target(upstream, model));
  }

  private static boolean isOpenAis(String model) {
    return OPENAI_PREFIXES.stream().anyMatch(model::startsWith);
  }

  private static boolean isOpenAi(Upstream upstream) {
    return upstream.dialect() == Upstream.Dialect.OPENAI
        && (upstream.name().equals(Upstream.OPENAI) || upstream.baseUrl().isOpenAi());
  }

  private static String shortened(String model) {
    return model.length() > 100 ? model.substring(0, 100) + "…" : model;
  }
}
