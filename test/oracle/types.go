package main

import (
	"fmt"
	"reflect"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

var leaves = map[reflect.Type]string{
	reflect.TypeFor[resource.Quantity]():  "Quantity",
	reflect.TypeFor[intstr.IntOrString](): "IntOrString",
	reflect.TypeFor[metav1.Time]():        "Time",
	reflect.TypeFor[metav1.MicroTime]():   "Time",
	reflect.TypeFor[metav1.FieldsV1]():    "any",
}

// formatTypes gives a line for each struct that a v1 Pod is made of: its name, then its fields as `name:type`. A `?`
// after a name is a pointer, a `!` a field that is written also when it is empty.
func formatTypes() string {
	pending := []reflect.Type{reflect.TypeFor[v1.Pod]()}
	known := map[reflect.Type]bool{pending[0]: true}
	var lines []string
	for len(pending) > 0 {
		current := pending[0]
		pending = pending[1:]
		fields, used := formatFields(current)
		lines = append(lines, strings.Join(append([]string{current.Name()}, fields...), " "))
		for _, other := range used {
			if !known[other] {
				known[other] = true
				pending = append(pending, other)
			}
		}
	}
	return strings.Join(lines, "\n")
}

func formatFields(owner reflect.Type) (fields []string, used []reflect.Type) {
	for index := range owner.NumField() {
		field := owner.Field(index)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" {
			inner, innerUsed := formatFields(field.Type)
			fields, used = append(fields, inner...), append(used, innerUsed...)
			continue
		}
		mark, kind := "", field.Type
		if kind.Kind() == reflect.Pointer {
			mark, kind = "?", kind.Elem()
		} else if !strings.Contains(options, "omitempty") && !strings.Contains(options, "omitzero") {
			mark = "!"
		}
		text, structs := formatType(kind)
		fields, used = append(fields, fmt.Sprintf("%s%s:%s", name, mark, text)), append(used, structs...)
	}
	return fields, used
}

func formatType(kind reflect.Type) (string, []reflect.Type) {
	if leaf, found := leaves[kind]; found {
		return leaf, nil
	}
	switch kind.Kind() {
	case reflect.Pointer:
		return formatType(kind.Elem())
	case reflect.Slice:
		if kind.Elem().Kind() == reflect.Uint8 {
			return "bytes", nil
		}
		text, used := formatType(kind.Elem())
		return "[]" + text, used
	case reflect.Map:
		text, used := formatType(kind.Elem())
		return "map:" + text, used
	case reflect.Struct:
		return kind.Name(), []reflect.Type{kind}
	default:
		return kind.Kind().String(), nil
	}
}
