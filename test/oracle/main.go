// Prints what the kubelet's own sources of static pods accept. One request a line on stdin:
//
//	url FILE    FILE is the body that a manifest URL answers with
//	dir PATH    PATH is a manifest directory or a single manifest
//	env FILE    FILE is an environment file
//
// and one JSON object a line on stdout, in the same order: the pods, or the kubelet's messages without any pods; of an
// environment file what its keys A and B are or what is wrong with them.
// With the argument `types` it prints the fields of a v1 Pod instead.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"
	v1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/record"
	"k8s.io/klog/v2"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	"k8s.io/kubernetes/pkg/capabilities"
	"k8s.io/kubernetes/pkg/kubelet/config"
	"k8s.io/kubernetes/pkg/kubelet/util/env"
)

const (
	nodeName = "node-a"
	// A source looks once, right after its start; nothing here waits for a second look.
	period = time.Hour
	// A source that fails may have told an empty set just before; that comes another way, within this.
	settle = 20 * time.Millisecond
	// How many sources look at a time: they mostly wait.
	parallel   = 32
	fileHeader = "X-File"
)

type answer struct {
	Pods     []*v1.Pod `json:"pods"`
	Messages []string  `json:"messages,omitempty"`
}

// readKeys gives the value of each key of an environment file, or the kubelet's message.
func readKeys(path string) answer {
	found := []string{}
	for _, key := range []string{"A", "B"} {
		value, err := env.ParseEnv(path, key)
		if err != nil {
			value = err.Error()
		}
		found = append(found, value)
	}
	return answer{Pods: []*v1.Pod{}, Messages: found}
}

type observer struct{}

func (observer) ObservedPodOnWatch(klog.Logger, *v1.Pod, time.Time) {}

// judge starts one source and waits for what it first tells: pods, or that it failed.
func judge(start func(logger klog.Logger, pods *config.PodConfig)) answer {
	var lock sync.Mutex
	messages := []string{}
	failed := make(chan struct{}, 100)
	logger := logr.New(funcr.New(func(_, text string) {
		lock.Lock()
		messages = append(messages, text)
		lock.Unlock()
		if strings.Contains(text, "Failed to read pods from URL") || strings.Contains(text, "Unable to read config path") {
			failed <- struct{}{}
		}
	}, funcr.Options{}).GetSink())
	pods := config.NewPodConfig(record.NewFakeRecorder(100), observer{})
	start(logger, pods)
	found := []*v1.Pod{}
	select {
	case update := <-pods.Updates():
		found = append(found, update.Pods...)
	case <-failed:
		select {
		case update := <-pods.Updates():
			found = append(found, update.Pods...)
		case <-time.After(settle):
		}
	case <-time.After(10 * time.Second):
		lock.Lock()
		messages = append(messages, "no answer")
		lock.Unlock()
	}
	lock.Lock()
	defer lock.Unlock()
	return answer{Pods: found, Messages: append([]string{}, messages...)}
}

func main() {
	// As cmd/kubelet/app/server.go RunKubelet does.
	capabilities.Initialize(capabilities.Capabilities{AllowPrivileged: true})
	bodies := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		body, err := os.ReadFile(request.Header.Get(fileHeader))
		if err != nil {
			writer.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = writer.Write(body)
	}))
	defer bodies.Close()
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	if len(os.Args) > 1 && os.Args[1] == "types" {
		fmt.Fprintln(output, formatTypes())
		return
	}
	answers := []chan answer{}
	slots := make(chan struct{}, parallel)
	requests := bufio.NewScanner(os.Stdin)
	for requests.Scan() {
		kind, path, _ := strings.Cut(requests.Text(), " ")
		result := make(chan answer, 1)
		answers = append(answers, result)
		slots <- struct{}{}
		go func() {
			if kind == "env" {
				result <- readKeys(path)
			} else {
				result <- judge(startSource(kind, path, bodies.URL))
			}
			<-slots
		}()
	}
	for _, result := range answers {
		line, err := json.Marshal(<-result)
		if err != nil {
			panic(err)
		}
		_, _ = output.Write(append(line, '\n'))
	}
}

func startSource(kind, path, server string) func(klog.Logger, *config.PodConfig) {
	ctx := context.Background()
	return func(logger klog.Logger, pods *config.PodConfig) {
		if kind == "url" {
			// The URL is a part of the UID: it is the same for all bodies.
			header := http.Header{fileHeader: []string{path}}
			config.NewSourceURL(logger, server, header, nodeName, period, pods.Channel(ctx, "http"))
			return
		}
		config.NewSourceFile(logger, path, nodeName, period, pods.Channel(ctx, "file"))
	}
}
